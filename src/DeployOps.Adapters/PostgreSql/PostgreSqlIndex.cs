using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The index that a statement makes, as far as its words tell.</summary>
/// <param name="Name">Its name as it stands in the script; null where the server chooses one.</param>
/// <param name="Table">The table's name as it stands in the script, with its schema where it has one.</param>
/// <param name="IsConcurrent">Whether it is made beside writers: a failure then leaves it behind, invalid.</param>
/// <param name="MayExist">Whether one of that name is taken for success by the server, also one that is invalid.</param>
internal sealed record PostgreSqlIndex(string? Name, string Table, bool IsConcurrent, bool MayExist)
{
    /// <summary>Reads <c>CREATE [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON [ONLY] table</c>; null for every other statement.</summary>
    internal static PostgreSqlIndex? Of(SqlStatement statement)
    {
        var at = statement.Begins("CREATE", "INDEX") ? 2 : statement.Begins("CREATE", "UNIQUE", "INDEX") ? 3 : 0;
        if (at == 0)
        {
            return null;
        }

        var tokens = statement.Tokens;
        bool Skip(string word)
        {
            var found = at < tokens.Count && tokens[at].Is(word);
            at += found ? 1 : 0;
            return found;
        }

        var concurrent = Skip("CONCURRENTLY");
        var mayExist = Skip("IF") && Skip("NOT") && Skip("EXISTS");
        var name = at < tokens.Count && !tokens[at].Is("ON") ? tokens[at++].Text : null;
        if (!Skip("ON"))
        {
            return null;
        }

        Skip("ONLY");
        var table = at < tokens.Count ? tokens[at].Text : "";
        if (at + 2 < tokens.Count && tokens[at + 1].Is('.'))
        {
            table += "." + tokens[at + 2].Text;
        }

        return new PostgreSqlIndex(name, table, concurrent, mayExist);
    }
}
