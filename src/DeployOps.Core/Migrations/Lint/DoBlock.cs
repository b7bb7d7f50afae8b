using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>
/// The statements within PostgreSQL's <c>DO $$ … $$</c>, each for itself, where the block is of PL/pgSQL (PostgreSQL's manual, 43.2 to 43.6). What an EXECUTE runs is read where it is
/// one text, as <c>EXECUTE 'DROP TABLE orders'</c>.
/// </summary>
internal sealed class DoBlock
{
    private readonly SqlStatement body;
    private readonly IReadOnlyList<SqlToken> tokens;
    private readonly bool hasHandlers;

    // What is open, innermost last: the number of its branch, or none where it is run for certain.
    private readonly List<int?> open = [];
    private int branches;
    private bool isDeclaring;

    private DoBlock(SqlStatement body)
    {
        this.body = body;
        tokens = body.Tokens;
        hasHandlers = Enumerable.Range(0, Math.Max(0, tokens.Count - 1)).Any(at => tokens[at].Is("EXCEPTION") && tokens[at + 1].Is("WHEN"));
    }

    /// <summary>The statements, in order; none of a statement that is no DO of PostgreSQL, and none of a block that cannot be read.</summary>
    internal static IEnumerable<InnerStatement> Read(SqlStatement statement) => BodyOf(statement) is { } body ? new DoBlock(body).Read() : [];

    /// <summary>Whether it is a DO whose block cannot be read here: of another language, or written with escapes.</summary>
    internal static bool IsHidden(SqlStatement statement) => IsOf(statement) && BodyOf(statement) is null;

    /// <summary>Whether a statement of a block runs a text that is put together when it runs.</summary>
    internal static bool IsPutTogether(SqlClause inner) => inner.Begins("EXECUTE") || (inner.Begins("OPEN") && inner.HasAtTop("FOR", "EXECUTE"));

    private static bool IsOf(SqlStatement statement) => statement.Dialect == SqlDialect.PostgreSql && statement.Begins("DO");

    // DO [LANGUAGE plpgsql] 'body' [LANGUAGE plpgsql], the language as a word, a name in quotes or a text.
    private static SqlStatement? BodyOf(SqlStatement statement)
    {
        if (!IsOf(statement))
        {
            return null;
        }

        SqlToken? text = null;
        var all = statement.Tokens;
        for (var at = 1; at < all.Count; at++)
        {
            if (all[at].Is("LANGUAGE"))
            {
                at++;
                if (at == all.Count || !all[at].Span.Trim("'\"").Equals("plpgsql", StringComparison.OrdinalIgnoreCase))
                {
                    return null;
                }
            }
            else if (text is null)
            {
                text = all[at];
            }
            else
            {
                return null;
            }
        }

        return text is { } block ? BlockText.Read(block, statement) : null;
    }

    private IEnumerable<InnerStatement> Read()
    {
        for (var at = 0; at < tokens.Count; at++)
        {
            var end = at;
            while (end < tokens.Count && tokens[end].Kind != SqlTokenKind.Semicolon)
            {
                end++;
            }

            foreach (var statement in Part(at, end))
            {
                yield return statement;
            }

            at = end;
        }
    }

    // From one semicolon to the next: what opens and closes, and a statement behind it.
    private IEnumerable<InnerStatement> Part(int at, int end)
    {
        while (at < end)
        {
            var token = tokens[at];
            if (token.Is("BEGIN"))
            {
                isDeclaring = false;
                Open(hasHandlers);
                at++;
            }
            else if (isDeclaring || token.Is("DECLARE"))
            {
                isDeclaring = true;
                at++;
            }
            else if (token.Is('<') && at + 4 < end && tokens[at + 1].Is('<'))
            {
                at += 5;
            }
            else if (token.Is("IF") || token.Is("CASE"))
            {
                Open(isBranch: true);
                at = Behind(at, end, "THEN");
            }
            else if (token.Is("ELSIF") || token.Is("ELSEIF") || token.Is("WHEN"))
            {
                NextBranch();
                at = Behind(at, end, "THEN");
            }
            else if (token.Is("ELSE") || token.Is("EXCEPTION"))
            {
                NextBranch();
                at++;
            }
            else if (token.Is("LOOP") || token.Is("WHILE") || token.Is("FOR") || token.Is("FOREACH"))
            {
                var behind = token.Is("LOOP") ? at + 1 : Behind(at, end, "LOOP");
                var query = Query(at, behind - 1);
                Open(isBranch: true);
                foreach (var statement in query < behind - 1 ? Of(query, behind - 1) : [])
                {
                    yield return statement;
                }

                at = behind;
            }
            else if (token.Is("END"))
            {
                open.RemoveRange(Math.Max(0, open.Count - 1), Math.Min(1, open.Count));
                at = end;
            }
            else
            {
                foreach (var statement in Of(at, end))
                {
                    yield return statement;
                }

                at = end;
            }
        }
    }

    private void Open(bool isBranch) => open.Add(isBranch ? ++branches : null);

    private void NextBranch()
    {
        if (open.Count > 0)
        {
            open[^1] = ++branches;
        }
    }

    // FOR row IN query LOOP: the query may change rows.
    private int Query(int at, int end)
    {
        while (at < end && !tokens[at].Is("IN"))
        {
            at++;
        }

        return at + 1;
    }

    // A CASE within a condition has THENs of its own.
    private int Behind(int at, int end, string word)
    {
        var depth = 0;
        for (var i = at + 1; i < end; i++)
        {
            if (depth == 0 && tokens[i].Is(word))
            {
                return i + 1;
            }

            depth += tokens[i].Is('(') || (tokens[i].Is("CASE") && word == "THEN") ? 1 : tokens[i].Is(')') || (tokens[i].Is("END") && word == "THEN") ? -1 : 0;
        }

        return end;
    }

    private IEnumerable<InnerStatement> Of(int from, int end)
    {
        int[] within = [.. open.OfType<int>()];
        if (tokens[from].Is("EXECUTE") && IsOneText(from + 1, end) && BlockText.Read(tokens[from + 1], body) is { } executed)
        {
            using var reader = new StringReader(executed.Text);
            foreach (var one in SqlStatements.Read(reader, body.Dialect))
            {
                yield return new InnerStatement(new SqlStatement(one.Text, executed.Line + one.Line - 1, executed.Offset + one.Offset, body.Dialect), within);
            }
        }
        else
        {
            yield return new InnerStatement(new SqlStatement(body.Text[tokens[from].Offset..tokens[end - 1].End], tokens[from].Line, body.Offset + tokens[from].Offset, body.Dialect), within);
        }
    }

    // Texts side by side are one, and operators make another of it.
    private bool IsOneText(int at, int end) => at < end && tokens[at].Kind == SqlTokenKind.Text && (at + 1 == end || tokens[at + 1].Is("INTO") || tokens[at + 1].Is("USING"));
}
