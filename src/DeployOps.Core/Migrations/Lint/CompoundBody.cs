using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>The statements within a compound statement of MariaDB, <c>BEGIN NOT ATOMIC … END</c> or <c>IF … END IF</c>, and within the body of a routine, a trigger or an event, each for itself.</summary>
internal sealed class CompoundBody
{
    // CREATE OR REPLACE DEFINER = user@host AGGREGATE FUNCTION: what is made is named within so many.
    private const int HeadOfDefinition = 12;

    private static readonly string[] Routines = ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"];
    private static readonly string[] Compounds = ["IF", "CASE", "WHILE", "LOOP", "REPEAT", "FOR"];

    private static readonly string[] Starts =
        ["BEGIN", "INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "SET", "CALL", "IF", "CASE", "WHILE", "LOOP", "REPEAT", "FOR", "ALTER", "CREATE", "DROP", "TRUNCATE", "PREPARE", "EXECUTE", "COMMIT", "ROLLBACK", "START"];

    private readonly IReadOnlyList<SqlToken> tokens;

    // The numbers of the branches and loops that are open, innermost last.
    private readonly List<int> open = [];
    private int branches;

    // A statement that fails goes on in a handler, so that nothing before it is there for certain.
    private CompoundBody(IReadOnlyList<SqlToken> tokens)
    {
        this.tokens = tokens;
        if (tokens.Any(token => token.Is("HANDLER")))
        {
            Open();
        }
    }

    /// <summary>Whether it runs where it stands; what a routine does it does when it is called.</summary>
    internal static bool RunsNow(SqlStatement statement) => statement.Begins("BEGIN", "NOT") || Array.Exists(Compounds, word => statement.Begins(word));

    /// <summary>The statements, in order; none of a statement that is no compound.</summary>
    internal static IEnumerable<InnerStatement> Read(SqlStatement statement) =>
        statement.Dialect == SqlDialect.MariaDb && BodyOf(statement) is { } from ? new CompoundBody(statement.Tokens).Read(statement, from) : [];

    private IEnumerable<InnerStatement> Read(SqlStatement statement, int from)
    {
        for (var at = from; at < tokens.Count; at++)
        {
            var end = at;
            while (end < tokens.Count && tokens[end].Kind != SqlTokenKind.Semicolon)
            {
                end++;
            }

            var first = Skip(at, end);
            if (first < end)
            {
                var inner = new SqlStatement(statement.Text[tokens[first].Offset..tokens[end - 1].End], tokens[first].Line, statement.Offset + tokens[first].Offset, statement.Dialect) { Lexing = statement.Lexing };
                yield return new InnerStatement(inner, [.. open]);
            }

            at = end;
        }
    }

    private void Open() => open.Add(++branches);

    private void Close() => open.RemoveRange(Math.Max(0, open.Count - 1), Math.Min(1, open.Count));

    // IF NOT EXISTS before the name is no IF of the body.
    private static bool IsWhereMissing(IReadOnlyList<SqlToken> tokens, int at) =>
        at + 2 < tokens.Count && tokens[at].Is("IF") && tokens[at + 1].Is("NOT") && tokens[at + 2].Is("EXISTS") && Array.Exists(Routines, tokens[at - 1].Is);

    private static int? BodyOf(SqlStatement statement)
    {
        if (RunsNow(statement))
        {
            return 0;
        }

        var all = statement.Tokens;
        var kind = statement.Begins("CREATE") ? Enumerable.Range(1, Math.Min(HeadOfDefinition, all.Count - 1)).FirstOrDefault(i => Array.Exists(Routines, all[i].Is)) : 0;
        if (kind == 0)
        {
            return null;
        }

        // TRIGGER … BEFORE INSERT ON t FOR EACH ROW body, EVENT … DO body.
        var from = all[kind].Is("TRIGGER") ? After(all, kind, "ROW") : all[kind].Is("EVENT") ? After(all, kind, "DO") : kind + 1;
        for (var (i, depth) = (from, 0); i < all.Count; i++)
        {
            depth += all[i].Is('(') ? 1 : all[i].Is(')') ? -1 : 0;
            // RETURNS varchar(10) CHARACTER SET utf8mb4, or a type of that name.
            if (depth == 0 && Array.Exists(Starts, all[i].Is) && !IsWhereMissing(all, i) && !all[i - 1].Is("CHARACTER") && !all[i - 1].Is("RETURNS"))
            {
                return i;
            }
        }

        return null;
    }

    private static int After(IReadOnlyList<SqlToken> tokens, int at, string word)
    {
        while (at < tokens.Count && !tokens[at].Is(word))
        {
            at++;
        }

        return at + 1;
    }

    // What stands before a statement: labels, BEGIN, IF … THEN, WHILE … DO, DECLARE … HANDLER FOR …. What opens and closes there is noted.
    private int Skip(int at, int end)
    {
        while (at < end)
        {
            var token = tokens[at];
            var next = at + 1 < end ? tokens[at + 1] : default;
            if (next.Text is not null && next.Is(':') && !(at + 2 < end && tokens[at + 2].Is('=')))
            {
                at += 2;
            }
            else if (token.Is("BEGIN"))
            {
                at += next.Text is not null && next.Is("NOT") ? 3 : 1;
            }
            else if (token.Is("ELSE") || token.Is("ELSEIF") || token.Is("WHEN"))
            {
                Close();
                Open();
                at = token.Is("ELSE") ? at + 1 : Behind(at, end, "THEN");
            }
            else if (Array.Exists(Compounds, token.Is))
            {
                Open();
                at = token.Is("LOOP") || token.Is("REPEAT") ? at + 1 : Behind(at, end, token.Is("IF") || token.Is("CASE") ? "THEN" : "DO");
            }
            else if (token.Is("DECLARE"))
            {
                at = BehindHandler(at, end);
            }
            else if (token.Is("END") || token.Is("UNTIL") || token.Is("EXCEPTION"))
            {
                if (token.Is("UNTIL") || Array.Exists(Compounds, next.Is))
                {
                    Close();
                }

                return end;
            }
            else
            {
                return at;
            }
        }

        return end;
    }

    private int Behind(int at, int end, string word)
    {
        var isCase = tokens[at].Is("CASE");
        for (var (i, depth) = (at + 1, 0); i < end; i++)
        {
            if (depth == 0 && tokens[i].Is(word))
            {
                return i + 1;
            }

            // A CASE within a condition has THENs of its own.
            depth += tokens[i].Is('(') || (!isCase && tokens[i].Is("CASE")) ? 1 : tokens[i].Is(')') || (!isCase && tokens[i].Is("END")) ? -1 : 0;
        }

        return end;
    }

    // DECLARE EXIT HANDLER FOR SQLSTATE '42S01', NOT FOUND statement
    private int BehindHandler(int at, int end)
    {
        while (at < end && !tokens[at].Is("HANDLER"))
        {
            at++;
        }

        at += 2;
        while (at < end)
        {
            at += tokens[at].Is("SQLSTATE") ? (at + 1 < end && tokens[at + 1].Is("VALUE") ? 3 : 2) : tokens[at].Is("NOT") ? 2 : 1;
            if (at >= end || !tokens[at].Is(','))
            {
                return Math.Min(at, end);
            }

            at++;
        }

        return end;
    }
}
