using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A setting that a <c>SET</c> changes, as MariaDB writes it: <c>name</c>, <c>SESSION name</c>, <c>@@name</c>, <c>@@session.name</c>, and several with commas between.</summary>
/// <param name="Name">The setting, in lower case; none of the session's own variables.</param>
/// <param name="Value">What it is set to.</param>
internal sealed record SettingChange(string Name, SqlClause Value)
{
    private static readonly string[] Scopes = ["GLOBAL", "SESSION", "LOCAL", "PERSIST", "STATEMENT"];

    /// <summary>Whether it is the server's, and stays when the session has ended.</summary>
    internal bool IsGlobal { get; private init; }

    /// <summary>Whether it is turned off.</summary>
    internal bool IsOff => Value.Tokens.Count == 1 && (Value.Tokens[0].Span is "0" || Value.Tokens[0].Is("OFF") || Value.Tokens[0].Is("FALSE"));

    /// <summary>Reads them; none of a statement that is no <c>SET</c>.</summary>
    internal static IReadOnlyList<SettingChange> Read(SqlClause statement)
    {
        if (!statement.Begins("SET"))
        {
            return [];
        }

        var end = statement.Begins("SET", "STATEMENT") ? statement.IndexOf(["FOR"], atTop: true) : -1;
        var all = new SqlClause([.. statement.Tokens.Take(end < 0 ? int.MaxValue : end)]);
        return [.. all.Items(1).Select(Of).OfType<SettingChange>()];
    }

    private static SettingChange? Of(SqlClause item)
    {
        var cursor = item.Walk();
        var isGlobal = cursor.SeesOneOf("GLOBAL", "PERSIST");
        cursor.Skip(cursor.SeesOneOf(Scopes) ? 1 : 0);
        if (cursor.Take('@') && !cursor.Take('@'))
        {
            return null;
        }

        var name = cursor.TakeName();
        cursor.Take(':');
        return name is not null && cursor.Take('=')
            ? new SettingChange(name.Name.ToLowerInvariant(), item.From(cursor.At)) { IsGlobal = isGlobal || name.Schema is "global" }
            : null;
    }
}
