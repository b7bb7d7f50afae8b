using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>
/// Says what a database holds: its schema, and of each table the number of rows and the sum, modulo 2^256, of the SHA-256 of each row.
/// A sum does not depend on the order of rows and, unlike an exclusive or, does not cancel out a row that is there twice.
/// Internal tables such as <c>sqlite_sequence</c>, the history and the shadow tables of full-text indexes are tables like any other;
/// a virtual table itself has no rows of its own.
/// </summary>
internal static class SqliteFingerprints
{
    /// <summary>Reads it. The caller holds a transaction, so that all of it is one state.</summary>
    /// <param name="session">The database.</param>
    /// <param name="like">Tables are read by the columns they have in this one, where they still have them; null reads all columns.</param>
    internal static DatabaseFingerprint Read(SqliteSession session, DatabaseFingerprint? like = null)
    {
        var columns = (like?.Tables ?? []).ToDictionary(table => table.Name, table => table.Columns, StringComparer.Ordinal);
        var tables = new List<(string Name, bool HasRowId)>();
        session.Query(
            "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name <> 'sqlite_schema' ORDER BY name COLLATE BINARY",
            row => tables.Add((Text(row, 0), raw.sqlite3_column_int(row, 1) == 0)));

        return new DatabaseFingerprint(Schema(session), tables.ConvertAll(table => Table(session, table.Name, table.HasRowId, columns.GetValueOrDefault(table.Name) ?? [])));
    }

    private static string Schema(SqliteSession session)
    {
        var text = new StringBuilder();
        foreach (var pragma in (string[])["encoding", "user_version", "application_id"])
        {
            session.Query($"PRAGMA {pragma}", row => text.Append(pragma).Append('=').Append(Text(row, 0)).Append('\n'));
        }

        session.Query(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name COLLATE BINARY",
            row => text.Append(Text(row, 0)).Append('\0').Append(Text(row, 1)).Append('\0').Append(Text(row, 2)).Append('\0').Append(Normalise(Text(row, 3))).Append('\n'));

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Normalise(string sql) =>
        string.Join(' ', SqlLexer.Read(sql).Where(token => !token.IsComment).Select(token => token.Text));

    private static TableFingerprint Table(SqliteSession session, string name, bool hasRowId, IReadOnlyList<string> wanted)
    {
        var (columns, rowId) = Columns(session, name, hasRowId);
        var added = wanted.Count == 0 ? [] : columns.Except(wanted, StringComparer.OrdinalIgnoreCase).ToList();
        if (wanted.Count > 0 && !wanted.Except(columns, StringComparer.OrdinalIgnoreCase).Any())
        {
            columns = wanted;
        }

        var read = columns.Select(SqliteNames.Quote);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var sum = new ulong[4];
        var buffer = new byte[SHA256.HashSizeInBytes];
        long rows = 0;
        session.Query($"SELECT {string.Join(", ", rowId is null ? read : read.Prepend(rowId))} FROM main.{SqliteNames.Quote(name)}", row =>
        {
            for (var column = 0; column < raw.sqlite3_column_count(row); column++)
            {
                Append(hash, row, column);
            }

            hash.GetHashAndReset(buffer);
            Add(sum, buffer);
            rows++;
        });

        for (var i = 0; i < sum.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(digest[(i * sizeof(ulong))..], sum[^(i + 1)]);
        }

        return new TableFingerprint(name, rows, Convert.ToHexStringLower(digest)) { Columns = columns, Added = Added(session, name, added) };
    }

    private static IReadOnlyList<AddedColumn> Added(SqliteSession session, string table, List<string> columns)
    {
        var found = new List<AddedColumn>();
        foreach (var column in columns)
        {
            var quoted = SqliteNames.Quote(column);
            session.Query(
                $"SELECT count(*), count({quoted}), min({quoted} COLLATE BINARY) IS max({quoted} COLLATE BINARY) FROM main.{SqliteNames.Quote(table)}",
                row => found.Add(AddedColumn.Of(column, raw.sqlite3_column_int64(row, 0), raw.sqlite3_column_int64(row, 1), raw.sqlite3_column_int(row, 2) == 1)));
        }

        return found;
    }

    // Columns that are stored, and the row's number where a name for it is free. Others are computed from these, perhaps by functions only the application has.
    private static (IReadOnlyList<string> Stored, string? RowId) Columns(SqliteSession session, string table, bool hasRowId)
    {
        const int Computed = 2;
        var stored = new List<string>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        session.Query($"PRAGMA main.table_xinfo({SqliteNames.Quote(table)})", row =>
        {
            names.Add(Text(row, 1));
            if (raw.sqlite3_column_int(row, 6) != Computed)
            {
                stored.Add(Text(row, 1));
            }
        });

        return (stored, hasRowId ? Array.Find(["rowid", "_rowid_", "oid"], name => !names.Contains(name)) : null);
    }

    // The type, the length, the bytes: so neither 1 and '1', nor 'ab','c' and 'a','bc', are the same.
    private static void Append(IncrementalHash hash, sqlite3_stmt row, int column)
    {
        Span<byte> head = stackalloc byte[1 + sizeof(long)];
        var type = raw.sqlite3_column_type(row, column);
        head[0] = (byte)type;
        switch (type)
        {
            case raw.SQLITE_INTEGER:
                BinaryPrimitives.WriteInt64BigEndian(head[1..], raw.sqlite3_column_int64(row, column));
                hash.AppendData(head);
                break;
            case raw.SQLITE_FLOAT:
                BinaryPrimitives.WriteDoubleBigEndian(head[1..], raw.sqlite3_column_double(row, column));
                hash.AppendData(head);
                break;
            case raw.SQLITE_NULL:
                hash.AppendData(head);
                break;
            default:
                // As stored: text that is no valid UTF-8 stays what it is.
                var bytes = raw.sqlite3_column_blob(row, column);
                BinaryPrimitives.WriteInt64BigEndian(head[1..], bytes.Length);
                hash.AppendData(head);
                hash.AppendData(bytes);
                break;
        }
    }

    private static void Add(ulong[] sum, ReadOnlySpan<byte> digest)
    {
        UInt128 carry = 0;
        for (var i = 0; i < sum.Length; i++)
        {
            carry += (UInt128)sum[i] + BinaryPrimitives.ReadUInt64LittleEndian(digest[(i * sizeof(ulong))..]);
            sum[i] = (ulong)carry;
            carry >>= 64;
        }
    }

    private static string Text(sqlite3_stmt row, int column) => raw.sqlite3_column_text(row, column).utf8_to_string() ?? "";
}
