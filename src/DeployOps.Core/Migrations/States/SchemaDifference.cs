namespace DeployOps.Migrations.States;

/// <summary>What a migration made, changed and took away of tables, columns, constraints and indexes.</summary>
public static class SchemaDifference
{
    /// <summary>The lines that are only in one of the two: <c>+</c> before what is new, <c>-</c> before what is gone; by object, what is gone first.</summary>
    public static IReadOnlyList<string> Of(DatabaseState before, DatabaseState after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return Of(before.Objects, after.Objects);
    }

    /// <summary>The same of the lines themselves.</summary>
    internal static IReadOnlyList<string> Of(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var (old, now) = (before.ToHashSet(StringComparer.Ordinal), after.ToHashSet(StringComparer.Ordinal));
        return
        [
            .. before.Where(line => !now.Contains(line)).Select(line => (Line: line, Sign: "-"))
                .Concat(after.Where(line => !old.Contains(line)).Select(line => (Line: line, Sign: "+")))
                .OrderBy(one => one.Line, StringComparer.Ordinal).ThenBy(one => one.Sign == "+")
                .Select(one => $"{one.Sign} {one.Line}"),
        ];
    }
}
