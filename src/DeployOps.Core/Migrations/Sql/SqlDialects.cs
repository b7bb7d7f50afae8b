namespace DeployOps.Migrations.Sql;

/// <summary>The dialects by the kinds of databases in plans and parameters.</summary>
public static class SqlDialects
{
    /// <summary>Every dialect's name.</summary>
    public static IReadOnlyList<string> Names { get; } = Enum.GetNames<SqlDialect>();

    /// <summary>The dialect of a kind of database, in any case.</summary>
    /// <exception cref="DeployOpsException"><c>SqlDialectUnknown</c>.</exception>
    public static SqlDialect Of(string kind) =>
        Names.FirstOrDefault(name => name.Equals(kind, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<SqlDialect>(known)
            : throw new DeployOpsException("SqlDialectUnknown", FaultKind.InvalidData, $"There is no kind of database '{kind}'.", $"Use one of: {string.Join(", ", Names)}.");
}
