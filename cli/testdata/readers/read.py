"""Reads Parquet files with every reader of requirements.txt.

usage: read.py FILE...

Prints a JSON object a line for each row: the name of the reader and the row,
without what is null or empty, times as text in milliseconds.
"""

import datetime
import json
import sys

import duckdb
import polars
import pyarrow.parquet


def arrow(name):
    return pyarrow.parquet.ParquetFile(name).read()


def by_polars(name):
    return polars.read_parquet(name).to_arrow()


def by_duckdb(name):
    return duckdb.execute("SELECT * FROM read_parquet(?, hive_partitioning = false)", [name]).fetch_arrow_table()


READERS = {"Arrow C++": arrow, "Polars": by_polars, "DuckDB": by_duckdb}


def plain(value):
    """What JSON can say of a value, or None if there is nothing in it."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        pairs = ((k, plain(v)) for k, v in value.items())
        return {k: v for k, v in pairs if v is not None} or None
    if isinstance(value, list):
        return [plain(v) for v in value] or None
    return value


def row_of(row):
    # Polars has no maps: it reads one as a list of pairs.
    unmapped = row.get("unmapped")
    if isinstance(unmapped, list):
        row["unmapped"] = {p["key"]: p["value"] for p in unmapped}
    return plain(row)


for file in sys.argv[1:]:
    for reader, read in READERS.items():
        for row in read(file).to_pylist(maps_as_pydicts="strict"):
            print(json.dumps({"reader": reader, "row": row_of(row)}))
