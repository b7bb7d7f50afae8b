using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DeployOps.Migrations.Sql;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The one thing whose definition a statement changes, as far as its words tell.</summary>
/// <param name="Kind">What it is, as <c>SHOW CREATE</c> calls it.</param>
/// <param name="Name">Its name as it stands in the script, with its database where it has one.</param>
internal sealed record MariaDbSubject(string Kind, string Name)
{
    private static readonly string[] Kinds = ["TABLE", "VIEW", "INDEX", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "SEQUENCE", "DATABASE", "SCHEMA", "PACKAGE"];
    private static readonly Regex Counter = new(@" AUTO_INCREMENT=\d+", RegexOptions.NonBacktracking);

    /// <summary>Reads <c>CREATE</c>, <c>ALTER</c>, <c>DROP</c> and <c>RENAME TABLE</c>; null for every other statement, and for one that drops several things.</summary>
    internal static MariaDbSubject? Of(SqlStatement statement)
    {
        var tokens = statement.Tokens;
        if (!statement.Begins("CREATE") && !statement.Begins("ALTER") && !statement.Begins("DROP") && !statement.Begins("RENAME", "TABLE"))
        {
            return null;
        }

        var at = IndexOf(tokens, 1, Kinds);
        if (at < 0 || statement.Begins("ALTER", "USER") || statement.Begins("CREATE", "USER") || statement.Begins("DROP", "USER"))
        {
            return null;
        }

        var kind = tokens[at].Text.ToUpperInvariant();
        at = kind == "INDEX" ? IndexOf(tokens, at, "ON") : at;
        while (at >= 0 && at + 1 < tokens.Count && (tokens[at + 1].Is("IF") || tokens[at + 1].Is("NOT") || tokens[at + 1].Is("EXISTS") || tokens[at + 1].Is("BODY")))
        {
            at++;
        }

        return at >= 0 && NameAt(tokens, at + 1, out var end) is { } name && !(statement.Begins("DROP") && end < tokens.Count && tokens[end].Is(','))
            ? new MariaDbSubject(kind switch { "INDEX" => "TABLE", "SCHEMA" => "DATABASE", _ => kind }, name)
            : null;
    }

    /// <summary>SHA-256 of its definition as the server writes it, 64 hexadecimal digits; <c>missing</c> where there is none; null where the account may not see it.</summary>
    internal async Task<string?> DefinitionAsync(MySqlConnection connection)
    {
        try
        {
            var rows = await connection.QueryAsync($"SHOW CREATE {Kind} {Name}", [], row => string.Join('\n', Enumerable.Range(0, row.FieldCount).Select(column => row.Text(column))), CancellationToken.None);
            return rows.Count == 0 ? "missing" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Counter.Replace(rows[0], ""))));
        }
        catch (MySqlException e) when (!MariaDbErrors.IsLost(e) && !MariaDbErrors.MayPass(e) && !MariaDbErrors.IsCancelled(e))
        {
            return MariaDbErrors.IsForbidden(e) ? null : "missing";
        }
    }

    private static int IndexOf(IReadOnlyList<SqlToken> tokens, int from, params string[] words)
    {
        for (var i = from; i < tokens.Count; i++)
        {
            if (Array.Exists(words, word => tokens[i].Is(word)))
            {
                return i;
            }
        }

        return -1;
    }

    private static string? NameAt(IReadOnlyList<SqlToken> tokens, int at, out int end)
    {
        var name = new StringBuilder();
        for (end = at; end < tokens.Count && tokens[end].Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName; end++)
        {
            name.Append(tokens[end].Text);
            if (end + 1 >= tokens.Count || !tokens[end + 1].Is('.'))
            {
                end++;
                return name.ToString();
            }

            name.Append('.');
            end++;
        }

        return null;
    }
}
