using System.Globalization;
using DeployOps.Migrations.Watching;

namespace DeployOps.Migrations.Rehearsal;

/// <summary>Compares what a script did in production with what it did to the restored backup. How long it took is compared as a whole, elsewhere.</summary>
public static class ProductionComparison
{
    // What others write meanwhile is among it, so that less tells nothing.
    private const double MuchMore = 2;
    private const long Noticeable = 1024 * 1024;

    // From weak to strong: https://www.postgresql.org/docs/15/explicit-locking.html, table 13.2.
    private static readonly string[] Modes =
        ["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"];

    // From here on writers wait, or readers too.
    private static readonly int Strong = Array.IndexOf(Modes, "ShareLock");

    /// <summary>What was otherwise, in the order of the script.</summary>
    /// <param name="rehearsed">What the script did to the restored backup.</param>
    /// <param name="statements">What its statements did in production, as far as was seen.</param>
    /// <param name="rewritten">What of tables and indexes was written anew meanwhile; null where that is not known.</param>
    public static IReadOnlyList<ProductionDifference> Of(ScriptRehearsal rehearsed, IReadOnlyList<StatementTrace> statements, IReadOnlyList<string>? rewritten)
    {
        ArgumentNullException.ThrowIfNull(rehearsed);
        ArgumentNullException.ThrowIfNull(statements);
        var before = rehearsed.Statements.GroupBy(statement => statement.Number).ToDictionary(tries => tries.Key, tries => tries.Last());
        return
        [
            .. statements.SelectMany(statement => Locks(statement, rehearsed.Statements).Concat(Rows(statement, before.GetValueOrDefault(statement.Number)))),
            .. rewritten is null ? [] : Rewritten(rehearsed, rewritten),
            .. Logged(rehearsed.Statements, statements),
        ];
    }

    // A script holds what it locked until its end, so that a lock is new where no statement up to this one had it.
    private static IEnumerable<ProductionDifference> Locks(StatementTrace statement, IReadOnlyList<StatementTrace> rehearsed)
    {
        var until = rehearsed.Where(one => one.Number <= statement.Number).ToList();
        if (statement.IsOutside || until.All(one => one.Number != statement.Number))
        {
            yield break;
        }

        var known = until.SelectMany(one => one.Locks).Select(Lock).GroupBy(held => held.Table, StringComparer.Ordinal).ToDictionary(table => table.Key, table => table.Max(held => held.Mode), StringComparer.Ordinal);
        foreach (var (table, mode) in statement.Locks.Select(Lock).Where(held => held.Mode >= Strong && held.Mode > known.GetValueOrDefault(held.Table, -1)))
        {
            var was = known.TryGetValue(table, out var weaker) ? $"{Modes[weaker]} at most" : "no lock on it";
            yield return new ProductionDifference($"{Name(statement)} took {table} {Modes[mode]}, in the rehearsal {was}", IsWarning: true);
        }
    }

    private static IEnumerable<ProductionDifference> Rows(StatementTrace statement, StatementTrace? rehearsed)
    {
        if (statement.Rows is { } rows && rehearsed?.Rows is { } were && rows != were)
        {
            yield return new ProductionDifference(string.Create(CultureInfo.InvariantCulture, $"{Name(statement)} touched {rows} rows, in the rehearsal {were}"), IsWarning: false);
        }
    }

    private static IEnumerable<ProductionDifference> Rewritten(ScriptRehearsal rehearsed, IReadOnlyList<string> rewritten)
    {
        var were = rehearsed.Statements.SelectMany(statement => statement.Rewritten).Distinct(StringComparer.Ordinal).ToList();
        if (rehearsed.StatementsMore == 0 && rewritten.Except(were, StringComparer.Ordinal).ToList() is { Count: > 0 } more)
        {
            yield return new ProductionDifference($"written anew and not so in the rehearsal: {string.Join(", ", more)}", IsWarning: true);
        }

        if (were.Except(rewritten, StringComparer.Ordinal).ToList() is { Count: > 0 } fewer)
        {
            yield return new ProductionDifference($"written anew in the rehearsal and not now: {string.Join(", ", fewer)}", IsWarning: false);
        }
    }

    private static IEnumerable<ProductionDifference> Logged(IReadOnlyList<StatementTrace> rehearsed, IReadOnlyList<StatementTrace> statements)
    {
        var both = statements.Where(statement => statement.WalBytes is not null && rehearsed.Any(one => one.Number == statement.Number && one.WalBytes is not null)).ToList();
        var numbers = both.Select(statement => statement.Number).ToHashSet();
        var (now, then) = (both.Sum(statement => statement.WalBytes!.Value), rehearsed.Where(one => numbers.Contains(one.Number)).Sum(one => one.WalBytes!.Value));
        if (now > MuchMore * then && now - then > Noticeable)
        {
            yield return new ProductionDifference($"{WatchText.Size(now)} logged ahead meanwhile by the whole server, in the rehearsal {WatchText.Size(then)}", IsWarning: false);
        }
    }

    // "sales.orders AccessExclusiveLock": no mode has a space in it.
    private static (string Table, int Mode) Lock(string held)
    {
        var space = held.LastIndexOf(' ');
        return (held[..Math.Max(space, 0)], Array.IndexOf(Modes, held[(space + 1)..]));
    }

    private static string Name(StatementTrace statement) => string.Create(CultureInfo.InvariantCulture, $"statement {statement.Number} (line {statement.Line}) {statement.Text}");
}
