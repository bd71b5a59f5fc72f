-- The weekly aggregates per town and sector, as one plain statement over the frozen tables.
-- Frozen like the rest of the floor. Parameters: county, watermark and, in UTC ms, week_start,
-- week_end, closures_from (90 days before week_end), campaign_start. A span holds the instant t
-- when claimed_from < t <= claimed_to. entered_by and state are the numbers of
-- schemas/vocabulary.py at the time of freezing: registered 0, rejected 2, acceptance_passed 13,
-- acceptance_failed 14, closed 15, reopened 16; open states 1-5, closed 6, gone 7-9.
WITH hazards AS (
    SELECT
        town_code,
        sector_code,
        SUM(CASE WHEN state BETWEEN 1 AND 5 AND claimed_from < :week_start
                  AND claimed_to >= :week_start THEN 1 ELSE 0 END) AS opening,
        SUM(CASE WHEN entered_by = 0 AND claimed_from >= :week_start
                 THEN 1 ELSE 0 END) AS found,
        SUM(CASE WHEN entered_by = 16 AND claimed_from >= :week_start
                 THEN 1 ELSE 0 END) AS reopened,
        SUM(CASE WHEN entered_by = 15 AND claimed_from >= :week_start
                 THEN 1 ELSE 0 END) AS closed,
        SUM(CASE WHEN entered_by = 2 AND claimed_from >= :week_start
                 THEN 1 ELSE 0 END) AS rejected,
        SUM(CASE WHEN state BETWEEN 1 AND 5 AND claimed_to >= :week_end
                 THEN 1 ELSE 0 END) AS closing,
        SUM(CASE WHEN state NOT BETWEEN 7 AND 9 AND claimed_to >= :week_end
                  AND due_at > :week_start AND due_at <= :week_end THEN 1 ELSE 0 END) AS due,
        SUM(CASE WHEN state NOT BETWEEN 7 AND 9 AND claimed_to >= :week_end
                  AND due_at > :week_start AND due_at <= :week_end
                  AND accepted_at > 0 AND accepted_at <= due_at AND backdated = 0
                 THEN 1 ELSE 0 END) AS on_time,
        SUM(CASE WHEN state BETWEEN 1 AND 5 AND claimed_to >= :week_end
                  AND accepted_at = 0 AND due_at > 0 AND due_at <= :week_end
                 THEN 1 ELSE 0 END) AS overdue,
        SUM(CASE WHEN state BETWEEN 1 AND 5 AND claimed_to >= :week_end
                  AND accepted_at = 0 AND due_at > 0 AND due_at <= :week_end
                 THEN (:week_end - due_at) / 86400000 ELSE 0 END) AS overdue_days,
        SUM(CASE WHEN entered_by IN (13, 14) AND claimed_from >= :week_start
                 THEN 1 ELSE 0 END) AS acceptances,
        SUM(CASE WHEN entered_by = 14 AND claimed_from >= :week_start
                 THEN 1 ELSE 0 END) AS reworked,
        SUM(CASE WHEN entered_by = 15 AND claimed_from >= :closures_from
                 THEN 1 ELSE 0 END) AS closures_90_days,
        SUM(CASE WHEN state BETWEEN 1 AND 5 AND severity = 1 AND claimed_to >= :week_end
                 THEN 1 ELSE 0 END) AS major_open,
        SUM(CASE WHEN claimed_to >= :week_end AND found_at >= :campaign_start
                 THEN 1 ELSE 0 END) AS campaign_found,
        SUM(CASE WHEN claimed_to >= :week_end AND found_at >= :campaign_start AND state = 6
                 THEN 1 ELSE 0 END) AS campaign_closed
    FROM hazard_span
    WHERE county = :county
      AND seq_from <= :watermark AND seq_to > :watermark
      AND claimed_from < :week_end
      AND (claimed_to >= :week_start
           OR (entered_by = 15 AND claimed_from >= :closures_from))
    GROUP BY town_code, sector_code
),
coverage AS (
    SELECT
        town_code,
        sector_code,
        COUNT(*) AS places_due,
        SUM(CASE WHEN place_id IN (
                SELECT place_id
                FROM check_visit
                WHERE county = :county
                  AND seq_from <= :watermark AND seq_to > :watermark
                  AND checked_at >= :campaign_start AND checked_at < :week_end
            ) THEN 1 ELSE 0 END) AS places_checked
    FROM place_span
    WHERE county = :county
      AND seq_from <= :watermark AND seq_to > :watermark
      AND claimed_from < :week_end AND claimed_to >= :week_end
      AND active_from <= :campaign_start AND (active_to = 0 OR active_to > :week_end)
    GROUP BY town_code, sector_code
)
SELECT hazards.*, coverage.places_due, coverage.places_checked
FROM hazards
LEFT JOIN coverage
  ON coverage.town_code = hazards.town_code AND coverage.sector_code = hazards.sector_code
ORDER BY hazards.town_code, hazards.sector_code
