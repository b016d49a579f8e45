#!/usr/bin/env python3
"""Checks the tables of a run by opening them as their readers do.

    scripts/check-parquet.py OUT/latest

needs Python 3.10 or later with pandas, pyarrow and duckdb; with pyspark (and
Java) Spark reads the tables too, without it this is said and left out:

    python3 -m venv venv
    venv/bin/pip install pandas pyarrow duckdb pyspark
    venv/bin/python scripts/check-parquet.py OUT/latest

It checks, with each reader and cell by cell, that

  - comments.parquet has the comments of comments.jsonl, in the same order and
    with the same values, and the posts' titles, addresses and days that stand
    in posts/*.json;
  - comparison.parquet has the rows of comparison.csv, in the same order and
    with the same values.

A file that the run does not have is told and left out; but one of the two
without the other is a fault. Exit status: 0 all is well, 1 something differs,
2 it could not be checked.
"""

import csv
import datetime
import json
import pathlib
import sys

WHOLE = ["comments", "of", "posts"]
NUMBERS = ["value", "low", "high", "naive_low", "naive_high", "design_effect"]
DAYS = ["from", "to"]
DIFFERENCES_SHOWN = 5


class Differs(Exception):
    """Two things that ought to be equal are not."""


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    folder = pathlib.Path(sys.argv[1])
    if not folder.is_dir():
        print(f"{folder}: is no folder; give that of a run, such as OUT/latest")
        return 2
    try:
        readers = available_readers()
    except ImportError as error:
        print(f"{error}; see --help for what to install")
        return 2
    checked = 0
    try:
        for parquet, source, expected in (
            ("comments.parquet", "comments.jsonl", comments),
            ("comparison.parquet", "comparison.csv", comparison),
        ):
            checked += check(folder, parquet, source, expected, readers)
    except Differs as difference:
        print(f"DIFFERS: {difference}")
        return 1
    if checked == 0:
        print(f"{folder}: there is nothing to check; is it the folder of a run?")
        return 2
    return 0


def check(folder, parquet, source, expected, readers):
    there = [name for name in (parquet, source) if (folder / name).exists()]
    if parquet not in there:
        # comments.jsonl is older than its Parquet form; comparisons have both forms or none.
        if source in there and source.endswith(".csv"):
            raise Differs(f"there is {source}, but no {parquet}")
        print(f"{parquet}: not in this run")
        return 0
    if source not in there:
        raise Differs(f"there is {parquet}, but no {source}")
    columns, rows = expected(folder)
    for name, read in readers:
        found_columns, found = read(folder / parquet)
        compare(f"{parquet} as {name} reads it", columns, rows, found_columns, found)
        print(f"{parquet}: {len(rows)} rows, {len(found_columns)} columns: {name} reads what is in {source}")
    return 1


def compare(what, columns, rows, found_columns, found):
    if columns != found_columns:
        odd = sorted(set(columns) ^ set(found_columns))
        raise Differs(f"{what}: the columns differ: {odd or 'in their order'}")
    if len(rows) != len(found):
        raise Differs(f"{what}: {len(found)} rows in place of {len(rows)}")
    wrong = []
    for number, (row, other) in enumerate(zip(rows, found), start=1):
        for column, cell, its in zip(columns, row, other):
            if not same(cell, its):
                wrong.append(f"row {number}, {column}: {its!r} in place of {cell!r}")
        if len(wrong) >= DIFFERENCES_SHOWN:
            break
    if wrong:
        raise Differs("\n  ".join([what, *wrong[:DIFFERENCES_SHOWN]]))


def same(cell, its):
    if isinstance(cell, CsvText):
        return isinstance(its, str) and its in (str(cell), cell.removeprefix("'"))
    # True is not 1 here, nor 1 the same as 1.0.
    return type(cell) is type(its) and cell == its


class CsvText(str):
    """A text of a CSV table: with an apostrophe before it where a spreadsheet would change it."""


# What ought to be there.


def comments(folder):
    posts = {}
    for path in sorted((folder / "posts").glob("*.json")):
        with open(path, encoding="utf-8") as file:
            post = json.load(file)["post"]
        posts[post["id"]] = post
    summary = folder / "summary.json"
    with open(summary, encoding="utf-8") as file:
        themes = [theme["id"] for theme in json.load(file)["taxonomy"]]
    columns = (
        "post post_title post_url post_published id parent author published year counted left_out"
        " duplicate_of language quoted_only words own_words text quote sentiment"
        " sentiment_negative sentiment_neutral sentiment_positive"
    ).split()
    for theme in themes:
        columns += [f"theme_{theme}", f"has_{theme}"]
    # How a comment is quoted stands nowhere else for all of them.
    columns.remove("quote")
    rows = []
    with open(folder / "comments.jsonl", encoding="utf-8") as lines:
        for line in lines:
            comment = json.loads(line)
            post = posts[comment["post"]]
            left_out = None
            if comment["duplicate_of"] is not None:
                left_out = "duplicate"
            elif not comment["counted"]:
                left_out = "language"
            row = [
                comment["post"],
                post["title"],
                post["url"],
                day(post["published"]),
                comment["id"],
                comment["parent"],
                comment["author"],
                day(comment["published"]),
                comment["year"],
                comment["counted"],
                left_out,
                comment["duplicate_of"],
                comment["language"],
                comment["quoted_only"],
                comment["words"],
                comment["own_words"],
                comment["text"],
                comment["sentiment"]["label"],
                comment["sentiment"]["negative"],
                comment["sentiment"]["neutral"],
                comment["sentiment"]["positive"],
            ]
            for theme in themes:
                row += [comment["themes"][theme], theme in comment["themes_assigned"]]
            rows.append(row)
    return columns, rows


def comparison(folder):
    with open(folder / "comparison.csv", encoding="utf-8-sig", newline="") as file:
        columns, *cells = csv.reader(file)
    kinds = {name: int for name in WHOLE}
    kinds |= {name: float for name in NUMBERS}
    kinds |= {name: day for name in DAYS}
    kinds["unfinished"] = {"true": True, "false": False}.__getitem__
    rows = []
    for row in cells:
        if len(row) != len(columns):
            raise Differs(f"comparison.csv: {row} has not {len(columns)} cells")
        rows.append([None if cell == "" else kinds.get(name, CsvText)(cell) for name, cell in zip(columns, row)])
    return columns, rows


def day(text):
    return None if text is None else datetime.date.fromisoformat(text)


# What readers find: names of columns, and rows of Python's own types. `quote` is not compared.


def available_readers():
    import duckdb
    import pandas
    import pyarrow.parquet

    readers = [("pandas", with_pandas), ("DuckDB", with_duckdb)]
    try:
        import pyspark
    except ImportError:
        print("pyspark is not installed: Spark is left out")
    else:
        readers.append(("Spark", with_spark))
    return readers


def with_pandas(path):
    import pandas

    # Types of pandas that know empty cells; its older ones make numbers of whole columns that have some.
    frame = pandas.read_parquet(path, dtype_backend="pyarrow").drop(columns="quote", errors="ignore")
    columns = [frame[name].array.__arrow_array__().to_pylist() for name in frame.columns]
    return list(frame.columns), [list(row) for row in zip(*columns)]


def with_duckdb(path):
    import duckdb

    with duckdb.connect() as connection:
        cursor = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
        return without_quote([column[0] for column in cursor.description], cursor.fetchall())


def with_spark(path):
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "4g")
        .config("spark.driver.maxResultSize", "0")
        # One file, read whole and in its order.
        .config("spark.sql.files.maxPartitionBytes", str(1 << 40))
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    frame = spark.read.parquet(str(path.resolve()))
    return without_quote(frame.columns, frame.toLocalIterator())


def without_quote(columns, rows):
    places = [place for place, name in enumerate(columns) if name != "quote"]
    return [columns[place] for place in places], [[row[place] for place in places] for row in rows]


if __name__ == "__main__":
    sys.exit(main())
