using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeployOps.Migrations.Validations;

/// <summary>Takes in the rows of an answer one after another, in constant memory.</summary>
/// <param name="columns">The names of the columns.</param>
/// <param name="sampleRows">How many rows to keep as evidence.</param>
/// <param name="redact">Takes known secrets out of a value. It is asked before a value is cut, since half a secret is not recognised.</param>
public sealed class AnswerReading(IReadOnlyList<string> columns, int sampleRows, Func<string, string> redact)
{
    private const int ShownCharacters = 200;

    private readonly List<string> samples = [];
    private long rows;
    private string? scalar;

    // The order of rows is nobody's promise: the sum of their digests is the same in any, and two equal rows are two.
    private UInt128 contents;

    /// <summary>Takes in the next row.</summary>
    /// <param name="row">Its values as invariant text; null for NULL.</param>
    public void Add(IReadOnlyList<string?> row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (rows++ == 0)
        {
            scalar = row[0];
        }

        if (samples.Count < sampleRows)
        {
            samples.Add(string.Join(", ", columns.Zip(row, (name, value) => $"{name}={Shown(value is null ? null : redact(value))}")));
        }

        contents += Digest(row);
    }

    /// <summary>What all rows together answer.</summary>
    public QueryAnswer Answer() => new(rows, scalar, samples, columns.Count, contents.ToString("x32", CultureInfo.InvariantCulture));

    private static UInt128 Digest(IReadOnlyList<string?> row)
    {
        // What has no value, and where one ends, is told apart from every text.
        var text = new StringBuilder();
        foreach (var value in row.Select(Canonical))
        {
            text.Append(CultureInfo.InvariantCulture, $"{value?.Length ?? -1}:{value};");
        }

        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    // 100 and 100.00 are one number: a migration that widens a column's scale changes no amount.
    private static string? Canonical(string? value) =>
        value is not null && ValidationExpectation.ReadNumber(value) is { } number ? number.ToString("G29", CultureInfo.InvariantCulture) : value;

    private static string Shown(string? value) => value switch
    {
        null => "NULL",
        { Length: > ShownCharacters } => value[..(char.IsHighSurrogate(value[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)] + "…",
        _ => value,
    };
}
