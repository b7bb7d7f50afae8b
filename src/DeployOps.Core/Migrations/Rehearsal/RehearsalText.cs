using System.Globalization;
using DeployOps.Migrations.Watching;

namespace DeployOps.Migrations.Rehearsal;

/// <summary>A rehearsal in words.</summary>
internal static class RehearsalText
{
    internal static string Of(MigrationRehearsal rehearsal) => rehearsal.Scripts.Count == 0 && rehearsal.Untried.Length > 0 ? $"{rehearsal.Database} not rehearsed: {rehearsal.Untried}" : string.Join(
        "; ",
        [
            $"{rehearsal.Database} rehearsed on the restored backup in {WatchText.Time(rehearsal.Duration)}",
            .. rehearsal.Scripts.Select(script => script.ToString()),
            rehearsal.Untried.Length > 0 ? rehearsal.Untried
                : rehearsal.PointOfNoReturn is null ? $"every script can be taken back{(rehearsal.Scripts.Any(script => script.IsContentAlone) ? ", as far as contents, columns, constraints and indexes tell" : "")}" : $"no way back by undo scripts once {rehearsal.PointOfNoReturn} is applied",
        ]);

    internal static string Script(ScriptRehearsal script) => string.Join(
        ", ",
        new[]
        {
            $"{script.Script} {WatchText.Time(script.Duration)}",
            Locks(script),
            Rewritten(script),
            Wal(script.Statements.Sum(statement => statement.WalBytes) is > 0 and var bytes ? bytes : null),
            Unknown(script),
            script.IsRepeatable ? "run again when its text changes" : script.IsReversible ? TakenBack(script) : $"not reversible: {script.NotReversible}",
        }.Where(part => part.Length > 0));

    internal static string Statement(StatementTrace statement) => string.Join(
        ", ",
        new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"statement {statement.Number} (line {statement.Line}) {statement.Text}: {WatchText.Time(statement.Duration)}"),
            statement.Rounds > 0 ? string.Create(CultureInfo.InvariantCulture, $"{statement.Rounds} rounds") : "",
            statement.Rows is { } rows ? string.Create(CultureInfo.InvariantCulture, $"{rows} rows") : "",
            string.Join(", ", statement.Locks),
            statement.Rewritten.Count == 0 ? "" : $"rewrites {string.Join(", ", statement.Rewritten)}",
            Wal(statement.WalBytes),
        }.Where(part => part.Length > 0));

    /// <summary>How far it is known that a script was taken back.</summary>
    internal static string TakenBack(ScriptRehearsal script) => script.IsContentAlone ? "taken back, as far as contents, columns, constraints and indexes tell" : "taken back exactly";

    /// <summary>The strongest locks of a script, or nothing.</summary>
    internal static string Locks(ScriptRehearsal script) => string.Join(", ", script.Statements.SelectMany(statement => statement.Locks).Distinct(StringComparer.Ordinal));

    /// <summary>What could not be seen of a script, or nothing.</summary>
    internal static string Unknown(ScriptRehearsal script) =>
        script.Statements.Select(statement => statement.Unknown).Where(unknown => unknown.Length > 0).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } all ? $"not known: {string.Join("; ", all)}" : "";

    /// <summary>What a script writes anew, or nothing.</summary>
    internal static string Rewritten(ScriptRehearsal script) =>
        script.Statements.SelectMany(statement => statement.Rewritten).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } names ? $"rewrites {string.Join(", ", names)}" : "";

    private static string Wal(long? bytes) => bytes is null ? "" : $"{WatchText.Size(bytes.Value)} logged ahead";
}
