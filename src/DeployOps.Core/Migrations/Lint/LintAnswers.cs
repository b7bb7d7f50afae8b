using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What the database says to what the rules ask of it.</summary>
/// <param name="Tables">How large and how busy tables are, by the name as it is written.</param>
/// <param name="Uses">What uses what is taken away.</param>
/// <param name="Indexed">The columns that an index of a table begins with, by the table's name as it is written; without tables that are not there.</param>
internal sealed record LintAnswers(
    IReadOnlyDictionary<string, TableFacts> Tables,
    IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>> Uses,
    IReadOnlyDictionary<string, IReadOnlySet<string>> Indexed)
{
    /// <summary>Nobody was asked.</summary>
    internal static LintAnswers None { get; } = new(new Dictionary<string, TableFacts>(), new Dictionary<LostObject, IReadOnlyList<ObjectUse>>(), new Dictionary<string, IReadOnlySet<string>>());

    /// <summary>Whether the database was asked and has neither of two tables.</summary>
    internal bool HaveNeither(SqlName one, SqlName other) => !ReferenceEquals(this, None) && !Tables.ContainsKey(one.Written) && !Tables.ContainsKey(other.Written);
}
