#!/usr/bin/env python3
"""Which rows does the SQLite library itself read from a set of small databases?

Makes the fixtures of crates/scan/tests/fixtures/sqlite: databases, write-ahead logs as they lie
on disk while a writer is at work, and in expected.json the rows that the library reads from a
copy of them. Log salts are random, so that a new run makes other bytes and the same rows.

Needs python3 with its sqlite3 module, and the zstd command.
Usage: sqlite_samples.py OUTPUT_FOLDER
"""

import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def written(value, is_rowid):
    """A value as expected.json writes it; long ones by length and FNV-1a."""
    if is_rowid:
        return None  # stored as NULL: the row id is the value
    if isinstance(value, float):
        return {"real": repr(value)}
    if isinstance(value, str):
        data = value.encode()
        return value if len(data) <= 64 else {"text": len(data), "fnv1a": fnv1a(data)}
    if isinstance(value, bytes):
        return {"blob": len(value), "fnv1a": fnv1a(value)}
    return value


def rows_of(path):
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rowid")]
    tables = {}
    for name in names:
        columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
        rowids = [column[5] == 1 and column[2] == "INTEGER" for column in columns]
        tables[name] = [
            [row[0], [written(value, rowid) for value, rowid in zip(row[1:], rowids)]]
            for row in connection.execute(f'SELECT rowid, * FROM "{name}" ORDER BY rowid')
        ]
    connection.close()
    return tables


def pattern(length, seed):
    return bytes((seed + at * 7 + at // 251) & 255 for at in range(length))


def fill(connection, n_rows, longest):
    connection.execute("CREATE TABLE things (number INTEGER, text TEXT, real REAL, data BLOB)")
    for row in range(n_rows):
        number = [0, 1, -1, 127, -129, 40000, -(2**23), 2**31, -(2**40), 2**62, None][row % 11]
        length = (row * row * 13) % longest
        connection.execute(
            "INSERT INTO things VALUES (?, ?, ?, ?)",
            (number, f"row {row} äöü 😀 " + "x" * (row % 90), row / 8 + 0.1, pattern(length, row)),
        )
    connection.commit()


def simple(path, page_bytes, n_rows, longest, encoding="UTF-8"):
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {page_bytes}")
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    fill(connection, n_rows, longest)
    connection.close()


def deleted(path):
    """Rows and a table gone, pages on the free list, row ids out of order and negative."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size = 1024")
    fill(connection, 200, 3000)
    connection.execute("CREATE TABLE gone (a)")
    connection.executemany("INSERT INTO gone VALUES (?)", [(pattern(500, i),) for i in range(50)])
    connection.execute("DROP TABLE gone")
    connection.execute("DELETE FROM things WHERE rowid % 3 = 0")
    connection.execute("DELETE FROM things WHERE rowid BETWEEN 50 AND 120")
    connection.execute("INSERT INTO things (rowid, text) VALUES (-5, 'negative')")
    connection.execute(f"INSERT INTO things (rowid, text) VALUES ({2**63 - 1}, 'largest')")
    connection.execute("CREATE TABLE keyed (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)")
    connection.executemany("INSERT INTO keyed (id, name) VALUES (?, ?)", [(9, "i"), (300, "c")])
    connection.execute("ALTER TABLE keyed ADD COLUMN later TEXT")
    connection.execute("CREATE INDEX names ON keyed (name)")
    connection.execute("CREATE VIEW seen AS SELECT name FROM keyed")
    connection.execute("INSERT INTO keyed (name, later) VALUES ('d', 'x')")
    connection.commit()
    connection.close()


def vacuumed(path):
    """Pointer-map pages among the others."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size = 512")
    connection.execute("PRAGMA auto_vacuum = FULL")
    fill(connection, 120, 2000)
    connection.execute("DELETE FROM things WHERE rowid % 2 = 0")
    connection.commit()
    connection.close()


def logged(path, folder, uncommitted):
    """Commits that are in the log alone; with `uncommitted` also frames of a commit to come."""
    work = folder / "work.db"
    connection = sqlite3.connect(work, isolation_level=None)
    connection.execute("PRAGMA page_size = 1024")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE things (number INTEGER, data BLOB)")
    for row in range(40):
        connection.execute("INSERT INTO things VALUES (?, ?)", (row, pattern(row * 60, row)))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("UPDATE things SET number = number + 1000 WHERE rowid < 10")
    connection.execute("DELETE FROM things WHERE rowid BETWEEN 20 AND 30")
    connection.execute("CREATE TABLE added (name TEXT)")
    connection.execute("INSERT INTO added VALUES ('in the log alone')")
    if uncommitted:
        connection.execute("PRAGMA cache_size = 5")
        connection.execute("BEGIN")
        for row in range(60):
            connection.execute("INSERT INTO added VALUES (?)", ("not committed " * 40,))
        connection.execute("UPDATE things SET number = -1")
    shutil.copy(work, path)
    shutil.copy(f"{work}-wal", f"{path}-wal")
    connection.close()
    for rest in folder.glob("work.db*"):
        rest.unlink()


def restarted(path, folder):
    """A log begun anew over an older, longer one: the rest has other salts."""
    work = folder / "work.db"
    connection = sqlite3.connect(work, isolation_level=None)
    connection.execute("PRAGMA page_size = 512")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE things (data BLOB)")
    for row in range(30):
        connection.execute("INSERT INTO things VALUES (?)", (pattern(400, row),))
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
    connection.execute("INSERT INTO things VALUES ('after the restart')")
    shutil.copy(work, path)
    shutil.copy(f"{work}-wal", f"{path}-wal")
    connection.close()
    for rest in folder.glob("work.db*"):
        rest.unlink()


def main():
    output = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = folder / "made"
        made.mkdir()
        simple(made / "pages_512.db", 512, 150, 2500)
        simple(made / "pages_1024.db", 1024, 150, 5000)
        simple(made / "pages_4096_deep.db", 4096, 500, 90)
        simple(made / "pages_512_deep.db", 512, 900, 40)
        simple(made / "pages_8192_long.db", 8192, 25, 60000)
        simple(made / "pages_32768.db", 32768, 60, 9000)
        simple(made / "pages_65536.db", 65536, 60, 200000)
        simple(made / "utf16le.db", 1024, 40, 900, "UTF-16le")
        simple(made / "utf16be.db", 1024, 40, 900, "UTF-16be")
        deleted(made / "deleted.db")
        vacuumed(made / "auto_vacuum.db")
        logged(made / "wal.db", folder, False)
        logged(made / "wal_uncommitted.db", folder, True)
        restarted(made / "wal_restarted.db", folder)
        (made / "empty.db").write_bytes(b"")
        expected = {}
        for path in sorted(made.glob("*.db")):
            copy = folder / "copy.db"
            for end in ("", "-wal"):
                if pathlib.Path(f"{path}{end}").exists():
                    shutil.copy(f"{path}{end}", f"{copy}{end}")
            expected[path.name] = rows_of(copy)
            for rest in folder.glob("copy.db*"):
                rest.unlink()
        for path in sorted(made.iterdir()):
            target = output / f"{path.name}.zst"
            subprocess.run(["zstd", "-q", "-f", "-19", path, "-o", target], check=True)
        text = json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
        (folder / "expected.json").write_text(text + "\n")
        subprocess.run(["zstd", "-q", "-f", "-19", folder / "expected.json", "-o",
                        output / "expected.json.zst"], check=True)


if __name__ == "__main__":
    main()
