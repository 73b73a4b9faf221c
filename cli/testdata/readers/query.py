"""Runs SQL on the Parquet files of a lake with DuckDB.

usage: query.py <QUESTIONS

Standard input is a JSON list of {"name", "sql", "dialect"}, in order: what makes a view, and
questions. The dialect is duckdb, or athena: then SQLGlot reads the text as Athena does and
writes it for DuckDB. Each dialect has a database of its own; the dialect "" is DuckDB in both.

Prints a JSON object a line for each question: name, dialect, columns and rows of texts.
"""

import datetime
import json
import sys

import duckdb
import sqlglot


def text(value):
    """A value as pages show it."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def connect():
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


databases = {"duckdb": connect(), "athena": connect()}


def answers(name, sql, dialect):
    """What a statement gives, in each database that it is for."""
    if dialect == "athena":
        (sql,) = sqlglot.transpile(sql, read="athena", write="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    for to in [dialect] if dialect else databases:
        try:
            result = databases[to].execute(sql)
        except duckdb.Error as e:
            sys.exit(f"{name}, {to}: {e}\n{sql}")
        if not sql.lstrip().upper().startswith("CREATE"):
            table = result.fetch_arrow_table()
            rows = [[text(v) for v in row.values()] for row in table.to_pylist()]
            yield {"name": name, "dialect": to, "columns": table.column_names, "rows": rows}


for question in json.load(sys.stdin):
    for answer in answers(question["name"], question["sql"], question["dialect"]):
        print(json.dumps(answer))
