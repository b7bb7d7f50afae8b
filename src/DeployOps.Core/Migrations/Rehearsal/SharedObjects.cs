using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Rehearsal;

/// <summary>
/// Finds statements of PostgreSQL that change what all databases of a server share, or what is outside of it: on a copy beside the live database they would change production. What a
/// function or a <c>DO</c> block does is not seen.
/// </summary>
internal static class SharedObjects
{
    private static readonly string[] Verbs = ["CREATE", "ALTER", "DROP", "COMMENT", "SECURITY"];
    private static readonly HashSet<string> Kinds = new(["ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION", "SYSTEM", "SERVER"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Which script and statement does so, in words; null where none does.</summary>
    internal static string? Find(IEnumerable<MigrationScript> scripts, SqlDialect dialect) => dialect != SqlDialect.PostgreSql ? null :
        (from script in scripts
         from statement in script.Statements(dialect)
         where IsShared(statement)
         select string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line} ({statement.Opening})")).FirstOrDefault();

    private static bool IsShared(SqlStatement statement)
    {
        var words = statement.Opening.Split(' ');
        return (words.Length > 1 && Verbs.Contains(words[0], StringComparer.OrdinalIgnoreCase) && Kinds.Contains(words[1]) && !statement.Begins(words[0], "USER", "MAPPING"))
            || statement.Begins("DROP", "OWNED") || statement.Begins("REASSIGN", "OWNED") || IsProgram(statement)
            || (IsMembership(statement) && !statement.Tokens.Any(token => token.Is("ON")));
    }

    // GRANT role TO role; what is granted on objects is the database's own.
    private static bool IsMembership(SqlStatement statement) => statement.Begins("GRANT") || statement.Begins("REVOKE");

    private static bool IsProgram(SqlStatement statement) => statement.Begins("COPY") && statement.Tokens.Any(token => token.Is("PROGRAM"));
}
