using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Something in the database that uses what a statement takes away.</summary>
/// <param name="Kind">What it is, such as <c>view</c> or <c>foreign key</c>.</param>
/// <param name="Name">Its name as the server writes it, such as <c>public.daily</c> or <c>lines_order on public.lines</c>.</param>
/// <param name="Path">The parts of its name: its schema and itself, or the schema, the table and the part of it that it is.</param>
/// <param name="Manner">What becomes of it.</param>
public sealed record ObjectUse(string Kind, string Name, IReadOnlyList<string> Path, UseManner Manner)
{
    private const int WithTable = 3;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";

    /// <summary>Whether it is this one, or a part of this table.</summary>
    internal bool IsOf(SqlName name, string? part)
    {
        var isOfTable = Path.Count == WithTable;
        var own = new SqlName(Path.Count > 1 ? Path[0] : null, Path[Math.Min(1, Path.Count - 1)]) { Written = "" };
        return own.Matches(name) && (part is null || (isOfTable && part.Equals(Path[^1], StringComparison.OrdinalIgnoreCase)));
    }
}
