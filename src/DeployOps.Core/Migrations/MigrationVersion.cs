using System.Globalization;

namespace DeployOps.Migrations;

/// <summary>
/// A version such as <c>2_4_0_1</c> or <c>2.4.0.1</c>: numeric parts that compare as numbers, missing ones as 0. A repeatable script has none; what stands for it is its name,
/// <c>R__words</c>, which comes after every number, and by name among its like.
/// </summary>
public sealed class MigrationVersion : IComparable<MigrationVersion>, IEquatable<MigrationVersion>
{
    private const string RepeatableSign = "R__";

    private readonly string[] parts;

    private MigrationVersion(string[] parts) => this.parts = parts;

    /// <summary>The name of a repeatable script as it stands in its file name, from <c>R__</c> on; null where this is a version.</summary>
    public string? RepeatableName { get; private init; }

    /// <summary>Whether it stands for a repeatable script.</summary>
    public bool IsRepeatable => RepeatableName is not null;

    /// <summary>Reads a version: digits separated by <c>_</c> or <c>.</c>, or <c>R__</c> and a name; null where the text is none.</summary>
    public static MigrationVersion? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(RepeatableSign, StringComparison.Ordinal))
        {
            return text.Length > RepeatableSign.Length ? new MigrationVersion([]) { RepeatableName = text } : null;
        }

        var numbers = text.Split('_', '.');

        return numbers.All(part => part.Length > 0 && part.All(char.IsAsciiDigit))
            ? new MigrationVersion(TrimZeros(numbers.Select(part => part.TrimStart('0')).ToArray()))
            : null;
    }

    /// <inheritdoc/>
    public int CompareTo(MigrationVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        if (IsRepeatable || other.IsRepeatable)
        {
            return IsRepeatable && other.IsRepeatable ? string.CompareOrdinal(RepeatableName, other.RepeatableName) : IsRepeatable ? 1 : -1;
        }

        for (var i = 0; i < Math.Max(parts.Length, other.parts.Length); i++)
        {
            var compared = CompareNumbers(Part(i), other.Part(i));
            if (compared != 0)
            {
                return compared;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public bool Equals(MigrationVersion? other) => other is not null && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MigrationVersion);

    /// <inheritdoc/>
    public override int GetHashCode() => RepeatableName?.GetHashCode(StringComparison.Ordinal) ?? string.Join('.', parts).GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => RepeatableName ?? string.Join('.', parts.Select(part => part.Length == 0 ? "0" : part));

    /// <summary>Orders by number.</summary>
    public static bool operator <(MigrationVersion left, MigrationVersion right) => Comparer<MigrationVersion>.Default.Compare(left, right) < 0;

    /// <summary>Orders by number.</summary>
    public static bool operator >(MigrationVersion left, MigrationVersion right) => Comparer<MigrationVersion>.Default.Compare(left, right) > 0;

    /// <summary>Orders by number.</summary>
    public static bool operator <=(MigrationVersion left, MigrationVersion right) => Comparer<MigrationVersion>.Default.Compare(left, right) <= 0;

    /// <summary>Orders by number.</summary>
    public static bool operator >=(MigrationVersion left, MigrationVersion right) => Comparer<MigrationVersion>.Default.Compare(left, right) >= 0;

    /// <summary>The same version.</summary>
    public static bool operator ==(MigrationVersion? left, MigrationVersion? right) => Equals(left, right);

    /// <summary>Another version.</summary>
    public static bool operator !=(MigrationVersion? left, MigrationVersion? right) => !Equals(left, right);

    private string Part(int index) => index < parts.Length ? parts[index] : "";

    // Digits without leading zeros: the longer one is the larger number, however long; dates of 14 digits and more are in use.
    private static int CompareNumbers(string left, string right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : CultureInfo.InvariantCulture.CompareInfo.Compare(left, right, CompareOptions.Ordinal);

    private static string[] TrimZeros(string[] parts)
    {
        var count = parts.Length;
        while (count > 1 && parts[count - 1].Length == 0)
        {
            count--;
        }

        return parts[..count];
    }
}
