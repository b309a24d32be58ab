-- How one value of a raw file is cleaned, by the data contract. `raw` is the folder of the raw files.

CREATE MACRO cleaned(value) AS nullif(trim(value, E' \t\r\n'), '');
CREATE MACRO spelled_low(value) AS lower(cleaned(value));
CREATE MACRO spelled_high(value) AS upper(cleaned(value));
CREATE MACRO capitalized(value) AS
    array_to_string([upper(word[1]) || lower(word[2:]) FOR word IN string_split(cleaned(value), ' ')], ' ');
CREATE MACRO zip_code(value) AS
    CASE WHEN regexp_full_match(cleaned(value), '[0-9]{1,5}') THEN lpad(cleaned(value), 5, '0') END;
-- A cast passes over the blanks around a value by itself.
CREATE MACRO whole(value) AS TRY_CAST(value AS INTEGER);
CREATE MACRO money(value) AS TRY_CAST(value AS DECIMAL(12, 2));
CREATE MACRO degrees(value) AS TRY_CAST(value AS DECIMAL(18, 15));
CREATE MACRO moment(value) AS TRY_CAST(value AS TIMESTAMP);
CREATE MACRO is_id(value) AS coalesce(regexp_full_match(value, '[0-9a-f]{32}'), false);

CREATE MACRO region_of(state) AS CASE
    WHEN state IN ('SP', 'RJ', 'MG', 'ES') THEN 'southeast'
    WHEN state IN ('PR', 'SC', 'RS') THEN 'south'
    WHEN state IN ('MS', 'MT', 'GO', 'DF') THEN 'midwest'
    WHEN state IN ('BA', 'SE', 'AL', 'PE', 'PB', 'RN', 'CE', 'PI', 'MA') THEN 'northeast'
    WHEN state IN ('AM', 'AP', 'PA', 'RR', 'AC', 'RO', 'TO') THEN 'north'
    ELSE 'unknown'
END;

-- Exact division of whole numbers, half up. A mean of doubles would round some halves down.
CREATE MACRO divided(total, number) AS sign(total)::HUGEINT * ((2 * abs(total) + number) // (2 * number));
CREATE MACRO mean_degrees(total, number) AS
    divided((total * 1000000000000000)::HUGEINT, number * 1000000000) / 1e6;
CREATE MACRO mean_money(total, number) AS
    (divided((total * 100)::HUGEINT, number) / 100)::DECIMAL(18, 2);

-- Of several rows with one key the latest delivery's wins: that of the last run, and of its last file by name.
CREATE TABLE files AS
SELECT
    file AS filename,
    row_number() OVER (
        ORDER BY regexp_extract(file, 'run([0-9]+)[^/]*$', 1)::BIGINT, parse_filename(file)
    ) AS version
FROM glob(getvariable('raw') || '/*/*.csv');

CREATE MACRO raw_rows(dataset) AS TABLE
SELECT * FROM read_csv(
    getvariable('raw') || '/' || dataset || '/*.csv',
    header = true, all_varchar = true, quote = '"', escape = '"', filename = true
)
JOIN files USING (filename);
