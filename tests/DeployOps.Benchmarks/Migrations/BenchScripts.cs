using System.Globalization;
using System.Text;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>The scripts that both run, in a folder that is removed when this is disposed of.</summary>
internal sealed class BenchScripts : IDisposable
{
    private const int SingleRows = 1_000;
    private const int RowsOfOne = 600;

    /// <summary>The folder.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("deployops-benchmark-scripts-").FullName;

    /// <summary>The table that a large script fills.</summary>
    internal const string Table = "CREATE TABLE `load` (id bigint, name text, total numeric)";

    /// <summary>Their files, in order.</summary>
    internal IReadOnlyList<string> Files => [.. Directory.GetFiles(Folder, "V*.sql").Order(StringComparer.Ordinal)];

    /// <summary>So many scripts of three statements each.</summary>
    internal static BenchScripts Small(int count)
    {
        var scripts = new BenchScripts();
        for (var number = 1; number <= count; number++)
        {
            File.WriteAllText(
                Path.Combine(scripts.Folder, string.Create(CultureInfo.InvariantCulture, $"V{number:0000}__part.sql")),
                string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE part_{number} (id int PRIMARY KEY, name text NOT NULL);\nINSERT INTO part_{number} VALUES (1, 'one'), (2, 'two');\nALTER TABLE part_{number} ADD note text;\n"));
        }

        return scripts;
    }

    /// <summary>
    /// One script of so many bytes: a quarter in statements of a row each, a half in statements of 600 rows, a quarter in rows that are copied; a thousand, a few dozen and a COPY in turns.
    /// </summary>
    internal static BenchScripts Large(long bytes)
    {
        var scripts = new BenchScripts();
        using var file = new StreamWriter(Path.Combine(scripts.Folder, "V1__load.sql"), append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16);
        file.Write("CREATE TABLE load (id bigint, name text, total numeric);\n");
        var written = 0L;
        for (var id = 0L; written < bytes;)
        {
            var inserts = WriteInserts(file, ref id);
            var part = inserts / 3;
            written += inserts;
            Write(file, "COPY load (id, name, total) FROM stdin;\n");
            for (var last = 0L; last < part;)
            {
                last += Write(file, string.Create(CultureInfo.InvariantCulture, $"{++id}\tcustomer number {id} of the shop\t{id % 1000}.50\n"));
            }

            Write(file, "\\.\n");
            written += part;
        }

        return scripts;
    }

    /// <summary>The same without the rows that are copied and without its table, for MariaDB.</summary>
    internal static BenchScripts Rows(long bytes)
    {
        var scripts = new BenchScripts();
        using var file = new StreamWriter(Path.Combine(scripts.Folder, "V1__load.sql"), append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16);
        var id = 0L;
        for (var written = 0L; written < bytes; written += WriteInserts(file, ref id, "`load`"))
        {
            // A thousand statements of a row and a few dozen of 600 rows in turns.
        }

        return scripts;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    // A third in statements of a row each, two thirds in statements of 600 rows.
    private static long WriteInserts(StreamWriter file, ref long id, string table = "load")
    {
        var part = 0L;
        for (var one = 0; one < SingleRows; one++)
        {
            part += Write(file, $"INSERT INTO {table} (id, name, total) VALUES {Row(++id)};\n");
        }

        for (var half = 0L; half < 2 * part;)
        {
            half += Write(file, $"INSERT INTO {table} (id, name, total) VALUES\n");
            for (var row = 1; row <= RowsOfOne; row++)
            {
                half += Write(file, Row(++id) + (row == RowsOfOne ? ";\n" : ",\n"));
            }
        }

        return 3 * part;
    }

    private static string Row(long id) => string.Create(CultureInfo.InvariantCulture, $"({id}, 'customer number {id} of the shop', {id % 1000}.50)");

    private static long Write(StreamWriter file, string text)
    {
        file.Write(text);
        return text.Length;
    }
}
