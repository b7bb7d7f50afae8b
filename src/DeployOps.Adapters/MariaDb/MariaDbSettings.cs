using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// What an earlier run said to its session, and this one has to be told again: settings and variables whose values are constants, so that they are the same now. What was read
/// from rows, or made of the time or by chance, ended with that session.
/// </summary>
internal sealed class MariaDbSettings
{
    // Stands for a setting that cannot be said again: whatever comes after it would run under another one.
    private const string Setting = "@@";

    // Of constants they make a constant.
    private static readonly string[] Functions = ["CONCAT", "CONCAT_WS", "REPLACE", "IFNULL", "COALESCE", "TRIM"];

    // A session begins with the same ones; others, such as @@last_insert_id, tell of what was done in it.
    private static readonly string[] Readable =
    [
        "sql_mode", "sql_notes", "sql_safe_updates", "foreign_key_checks", "unique_checks", "check_constraint_checks", "time_zone", "character_set_client", "character_set_results", "character_set_connection",
        "collation_connection", "lock_wait_timeout", "innodb_lock_wait_timeout", "max_statement_time", "group_concat_max_len", "old_mode",
    ];

    private static readonly string[] Constants = ["TRUE", "FALSE", "NULL"];
    private static readonly string[] Changing = ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_USER", "CURRENT_ROLE", "LOCALTIME", "LOCALTIMESTAMP", "SYSDATE", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP"];
    private static readonly string[] WithoutValue = ["NAMES", "CHARACTER", "CHARSET", "TRANSACTION"];

    // Any variable that they name may be one that they set.
    private static readonly string[] MaySet = ["CALL", "EXECUTE", "GET", "LOAD", "BEGIN", "IF", "CASE", "WHILE", "LOOP", "REPEAT", "FOR"];
    private readonly HashSet<string> lost = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a setting of the session, and no variable, was made of something that is not constant.</summary>
    internal bool HasLostSetting => lost.Contains(Setting);

    /// <summary>Whether a statement that an earlier run did has to be said again; one that cannot be is remembered by what it set.</summary>
    internal bool IsAgain(SqlStatement statement)
    {
        if (statement.Begins("USE"))
        {
            return true;
        }

        if (statement.Begins("PREPARE"))
        {
            return Keep(Variables(statement.Tokens).Any(lost.Contains), [Prepared(statement)]);
        }

        if (statement.Begins("SET") && !statement.Begins("SET", "STATEMENT") && !statement.Begins("SET", "PASSWORD"))
        {
            return IsAgainOfSet(statement);
        }

        var tokens = statement.Tokens;
        var all = Array.Exists(MaySet, word => statement.Begins(word));
        for (var i = 0; i < tokens.Count; i++)
        {
            if (VariableAt(tokens, i) is { } name && (all || IsAssigned(tokens, i + 2) || IsFilled(tokens, i)))
            {
                lost.Add(name);
            }
        }

        return false;
    }

    /// <summary>What a statement that is to run needs of what ended with the earlier session; null where it needs nothing of it.</summary>
    internal string? Missing(SqlStatement statement)
    {
        if (lost.Count == 0)
        {
            return null;
        }

        var assignments = statement.Begins("SET") && !statement.Begins("SET", "STATEMENT") ? Assignments(statement.Tokens) : [];
        var targets = assignments.Where(one => one.Variable is not null).ToList();
        var reads = targets.Count > 0 ? assignments.SelectMany(one => Variables(one.Value)) : Variables(statement.Tokens);
        if (reads.FirstOrDefault(lost.Contains) is { } name)
        {
            return $"the variable @{name}";
        }

        if (statement.Begins("EXECUTE") && statement.Tokens.Count > 1 && lost.Contains(Prepared(statement)))
        {
            return $"the prepared statement {statement.Tokens[1].Text}";
        }

        if (statement.Begins("PREPARE"))
        {
            lost.Remove(Prepared(statement));
        }

        lost.ExceptWith(targets.Select(one => one.Variable!));
        return null;
    }

    private bool IsAgainOfSet(SqlStatement statement)
    {
        var assignments = Assignments(statement.Tokens);
        // GLOBAL and DEFAULT ROLE outlive a session.
        if (statement.Begins("SET", "GLOBAL") || statement.Begins("SET", "DEFAULT") || statement.Tokens.Any(token => token.Is("GLOBAL") || token.Is("PERSIST")))
        {
            return false;
        }

        // All of it or nothing: of one that is not said again every setting counts as missing.
        return Keep(!assignments.TrueForAll(one => IsConstant(one.Value, one.Variable is null)), assignments.Select(one => one.Variable ?? Setting));
    }

    private bool Keep(bool isLost, IEnumerable<string> names)
    {
        if (isLost)
        {
            lost.UnionWith(names);
        }
        else
        {
            lost.ExceptWith(names.Where(name => name != Setting));
        }

        return !isLost;
    }

    private bool IsConstant(IReadOnlyList<SqlToken> value, bool isOfSetting)
    {
        for (var i = 0; i < value.Count; i++)
        {
            var token = value[i];
            var variable = VariableAt(value, i);
            if (variable is not null && lost.Contains(variable))
            {
                return false;
            }

            var isSystem = token.Is('@') && i + 1 < value.Count && value[i + 1].Is('@');
            if (isSystem)
            {
                i += 2;
                i += i + 2 < value.Count && value[i + 1].Is('.') ? 2 : 0;
                if (i >= value.Count || !Array.Exists(Readable, value[i].Is))
                {
                    return false;
                }
            }
            else if (variable is not null)
            {
                i++;
            }
            else if (token.Kind == SqlTokenKind.Word)
            {
                var isCalled = i + 1 < value.Count && value[i + 1].Is('(');
                if (isCalled ? !Array.Exists(Functions, token.Is) : !Array.Exists(Constants, token.Is) && !(isOfSetting && value.Count == 1 && !Array.Exists(Changing, token.Is)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    // SET a = 1, @b := 2: what is set and to what, without what has no value of its own, such as NAMES utf8mb4.
    private static List<(string? Variable, IReadOnlyList<SqlToken> Value)> Assignments(IReadOnlyList<SqlToken> tokens)
    {
        var all = new List<(string? Variable, IReadOnlyList<SqlToken> Value)>();
        var from = 1;
        for (var (i, depth) = (1, 0); i <= tokens.Count; i++)
        {
            if (i < tokens.Count && !(depth == 0 && tokens[i].Is(',')))
            {
                depth += tokens[i].Is('(') ? 1 : tokens[i].Is(')') ? -1 : 0;
                continue;
            }

            List<SqlToken> part = [.. tokens.Skip(from).Take(i - from)];
            var equals = part.FindIndex(token => token.Is('='));
            if (equals > 0)
            {
                all.Add((VariableAt(part, 0), part[(equals + 1)..]));
            }
            else if (part.Count > 0 && !part.Exists(token => Array.Exists(WithoutValue, token.Is)))
            {
                // SET ROLE name, and whatever else has no sign between.
                all.Add((null, part[^1..]));
            }

            from = i + 1;
        }

        return all;
    }

    private static IEnumerable<string> Variables(IReadOnlyList<SqlToken> tokens) => Enumerable.Range(0, tokens.Count).Select(at => VariableAt(tokens, at)).OfType<string>();

    // @name or @'name'; neither @@name nor the host of an account.
    private static string? VariableAt(IReadOnlyList<SqlToken> tokens, int at)
    {
        var isVariable = tokens[at].Is('@') && at + 1 < tokens.Count && tokens[at + 1].Kind is SqlTokenKind.Word or SqlTokenKind.Text or SqlTokenKind.QuotedName or SqlTokenKind.Number;
        var isPartOfOther = at > 0 && tokens[at - 1].End == tokens[at].Offset && (tokens[at - 1].Is('@') || tokens[at - 1].Kind is SqlTokenKind.Word or SqlTokenKind.Text or SqlTokenKind.QuotedName);
        return isVariable && !isPartOfOther ? tokens[at + 1].Text.Trim('`', '\'', '"') : null;
    }

    private static bool IsAssigned(IReadOnlyList<SqlToken> tokens, int at) => at + 1 < tokens.Count && tokens[at].Is(':') && tokens[at + 1].Is('=');

    // SELECT … INTO @a, @b
    private static bool IsFilled(IReadOnlyList<SqlToken> tokens, int at)
    {
        while (at >= 3 && tokens[at - 1].Is(',') && VariableAt(tokens, at - 3) is not null)
        {
            at -= 3;
        }

        return at > 0 && tokens[at - 1].Is("INTO");
    }

    // No variable has such a name.
    private static string Prepared(SqlStatement statement) => $"prepare {(statement.Tokens.Count > 1 ? statement.Tokens[1].Text : "")}";
}
