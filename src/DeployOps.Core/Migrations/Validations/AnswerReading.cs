using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeployOps.Migrations.Validations;

/// <summary>Takes in the rows of an answer one after another, in the memory of one.</summary>
/// <param name="columns">The names of the columns.</param>
/// <param name="sampleRows">How many rows to keep as evidence.</param>
/// <param name="redact">Takes known secrets out of a value. It is asked before a value is cut, since half a secret is not recognised.</param>
public sealed class AnswerReading(IReadOnlyList<string> columns, int sampleRows, Func<string, string> redact)
{
    private const int ShownCharacters = 200;
    private const int ShownBytes = 32;

    private readonly List<string> samples = [];
    private readonly StringBuilder text = new();
    private long rows;
    private string? scalar;

    // The order of rows is nobody's promise: the sum of their digests is the same in any, and two equal rows are two.
    private UInt128 contents;

    /// <summary>Takes in the next row.</summary>
    /// <param name="row">Its values as invariant text; null for NULL.</param>
    /// <param name="isNumber">Whether the value of a column is a number, which is the same however many zeros it is written with.</param>
    public void Add(IReadOnlyList<string?> row, Func<int, bool> isNumber)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(isNumber);
        if (rows++ == 0)
        {
            scalar = row[0];
        }

        if (samples.Count < sampleRows)
        {
            samples.Add(string.Join(", ", columns.Zip(row, (name, value) => $"{name}={(value is null ? "NULL" : Shown(redact(value)))}")));
        }

        contents += Digest(row, isNumber);
    }

    /// <summary>What all rows together answer.</summary>
    public QueryAnswer Answer() => new(rows, scalar, samples, columns.Count, contents.ToString("x32", CultureInfo.InvariantCulture));

    /// <summary>A value of bytes as text: its digits, of a long one the first and, so that it is told from every other, its SHA-256.</summary>
    public static string Text(ReadOnlySpan<byte> value) => value.Length <= ShownBytes
        ? $"0x{Convert.ToHexString(value)}"
        : string.Create(CultureInfo.InvariantCulture, $"0x{Convert.ToHexString(value[..ShownBytes])}… ({value.Length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(value))})");

    private static string Shown(string value) =>
        value.Length > ShownCharacters ? value[..(char.IsHighSurrogate(value[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)] + "…" : value;

    private UInt128 Digest(IReadOnlyList<string?> row, Func<int, bool> isNumber)
    {
        // What has no value, and where one ends, is told apart from every text.
        text.Clear();
        for (var column = 0; column < row.Count; column++)
        {
            var value = row[column] is { } one && isNumber(column) && ValidationExpectation.ReadNumber(one) is { } number ? number.ToString("G29", CultureInfo.InvariantCulture) : row[column];
            text.Append(value?.Length ?? -1).Append(':').Append(value).Append(';');
        }

        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
