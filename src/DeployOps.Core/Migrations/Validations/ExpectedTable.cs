using System.Text;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Validations;

/// <summary>
/// The rows that a query is to return, from a file of comma-separated values beside its script: RFC 4180, in UTF-8, the names of the columns in the first line. A field that is empty
/// and stands in no quotes is NULL, as PostgreSQL writes it; one in quotes is text.
/// </summary>
public sealed class ExpectedTable
{
    private ExpectedTable(string file, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string?>> rows) => (File, Columns, Rows) = (file, columns, rows);

    /// <summary>The file's name as the script gives it.</summary>
    public string File { get; }

    /// <summary>The names of the columns, one or more.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The rows in order, each with a value a column; null for NULL.</summary>
    public IReadOnlyList<IReadOnlyList<string?>> Rows { get; }

    /// <summary>Reads the file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="content">Its bytes.</param>
    /// <exception cref="DeployOpsException"><c>ValidationFileInvalid</c> with file and line.</exception>
    public static ExpectedTable Parse(string file, ReadOnlyMemory<byte> content)
    {
        var text = SqlText.TryDecode(content.Span) ?? throw Invalid(file, 1, "not UTF-8 text");
        var records = Records(file, text).ToList();
        if (records.Count == 0 || records[0].Fields.Any(string.IsNullOrEmpty))
        {
            throw Invalid(file, 1, "the first line has to name each column");
        }

        var columns = records[0].Fields.Select(name => name!).ToList();
        foreach (var (fields, line) in records.Skip(1).Where(record => record.Fields.Count != columns.Count))
        {
            throw Invalid(file, line, $"{fields.Count} fields, and {columns.Count} columns");
        }

        return new ExpectedTable(file, columns, [.. records.Skip(1).Select(record => record.Fields)]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{File}: {Rows.Count} rows";

    private static IEnumerable<(IReadOnlyList<string?> Fields, int Line)> Records(string file, string text)
    {
        var fields = new List<string?>();
        for (var (at, line) = (0, 1); at < text.Length;)
        {
            var begins = line;
            fields.Add(Field(file, text, ref at, ref line));
            if (at < text.Length && text[at] == ',')
            {
                at++;
                if (at < text.Length && text[at] is not ('\r' or '\n'))
                {
                    continue;
                }

                fields.Add(null);
            }

            at += at < text.Length && text[at] == '\r' ? 1 : 0;
            at += at < text.Length && text[at] == '\n' ? 1 : 0;
            yield return ([.. fields], begins);
            fields.Clear();
            line++;
        }
    }

    private static string? Field(string file, string text, ref int at, ref int line)
    {
        if (text[at] != '"')
        {
            var end = text.AsSpan(at).IndexOfAny(",\r\n") is >= 0 and var length ? at + length : text.Length;
            var plain = text[at..end];
            at = end;
            return plain.Length == 0 ? null : plain.Contains('"', StringComparison.Ordinal) ? throw Invalid(file, line, "a quote within a field that does not begin with one") : plain;
        }

        var (value, begins) = (new StringBuilder(), line);
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                line += text[at] == '\n' ? 1 : 0;
                value.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                value.Append(text[at++]);
            }
            else
            {
                at++;
                return at == text.Length || text[at] is ',' or '\r' or '\n' ? value.ToString() : throw Invalid(file, line, "something stands between a closing quote and the next comma");
            }
        }

        throw Invalid(file, begins, "a quote that is never closed");
    }

    private static DeployOpsException Invalid(string file, int line, string what) =>
        new("ValidationFileInvalid", FaultKind.InvalidData, $"{file}:{line}: {what}.", "Correct the file.") { Target = file };
}
