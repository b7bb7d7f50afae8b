using System.Globalization;
using DeployOps.Gates;
using DeployOps.Migrations.Validations;

namespace DeployOps.Migrations.States;

/// <summary>What can be said of a migrated database without a query of its own: by what it was before and what it is now.</summary>
internal static class StateChecks
{
    /// <summary>What stands for the file of a check that stands in none.</summary>
    internal const string File = "built in";

    private const int Shown = 5;

    // Of fewer, half is nothing.
    private const int FewRows = 10;

    /// <summary>Every check that the database's kind has.</summary>
    /// <param name="before">What it was.</param>
    /// <param name="after">What it is.</param>
    /// <param name="words">What the scripts mention.</param>
    /// <param name="duration">How long it took to read what it is.</param>
    internal static IReadOnlyList<ValidationCheck> Judge(DatabaseState before, DatabaseState after, ScriptWords words, TimeSpan duration)
    {
        var checks = new List<ValidationCheck?>
        {
            NewOnes("no invalid indexes", before.InvalidIndexes, after.InvalidIndexes, isWarning: false),
            NewOnes("no unvalidated constraints", before.UnvalidatedConstraints, after.UnvalidatedConstraints, isWarning: true),
            before.Disabled is null ? null : NewOnes("no disabled triggers", before.Disabled, after.Disabled, isWarning: words.DisableOnPurpose),
            NewOnes("no sequence behind its column", Behind(before)?.Keys, Behind(after)?.Keys, isWarning: false, name => Behind(after)![name]),
            NewOnes("no numbers near their end", NearEnd(before)?.Keys, NearEnd(after)?.Keys, isWarning: true, name => NearEnd(after)![name]),
            NewOnes("nothing that cannot be read", before.Unreadable, after.Unreadable, isWarning: false),
            NewOnes("no tables without transactions", before.WithoutTransactions, after.WithoutTransactions, isWarning: true),
            Untouched(before, after, words),
            after.Damage is null ? null : Check("the file is whole", "no damage", after.Damage.Count == 0 ? "no damage" : Count(after.Damage), after.Damage.Count == 0 ? GateVerdict.Pass : GateVerdict.Fail, after.Damage),
            Orphans(before, after),
        };

        return [.. checks.OfType<ValidationCheck>().Select(check => check with { Duration = duration })];
    }

    /// <summary>Whether every replica has what the database had after the migration. One that is late, or gone, is a warning: it comes by itself.</summary>
    /// <param name="replicas">Those that are connected.</param>
    /// <param name="before">How many were before the migration.</param>
    internal static IEnumerable<ValidationCheck> Judge(IReadOnlyList<ReplicaState> replicas, int before)
    {
        if (replicas.Count > 0 || before > 0)
        {
            var waited = replicas.Select(replica => replica.Waited).DefaultIfEmpty().Max();
            var late = replicas.Where(replica => replica.IsLate).Select(Late).ToList();
            if (replicas.Count < before)
            {
                late.Add(string.Create(CultureInfo.InvariantCulture, $"{replicas.Count} of {Number(before, "replica", "replicas")} connected that {(before == 1 ? "was" : "were")} before"));
            }

            var delayed = replicas.Count(replica => replica.IsDelayed);
            var have = $"{Number(replicas.Count - delayed, "replica has", "replicas have")} it after {Seconds(waited)}{(delayed == 0 ? "" : $", and {delayed} {(delayed == 1 ? "is" : "are")} behind on purpose")}";
            var seen = late.Count == 0 ? have : string.Join("; ", late);
            yield return Check("replicas have the new schema", "all of what was written", seen, late.Count == 0 ? GateVerdict.Pass : GateVerdict.Unknown, []) with { IsWarning = late.Count > 0, Duration = waited };
        }
    }

    /// <summary>The database could not be looked at: a warning.</summary>
    internal static ValidationCheck NotSeen(string why, TimeSpan duration) => Check("what the database consists of", "as planned", why, GateVerdict.Unknown, []) with { IsWarning = true, Duration = duration };

    private static string Late(ReplicaState replica) => replica.BytesBehind is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $"{replica.Name} is {bytes} bytes behind after {Seconds(replica.Waited)}")
        : $"of {replica.Name} the account may not see how far it is";

    // By name, since a sequence that is behind may be so by another number a moment later.
    private static Dictionary<string, string>? Behind(DatabaseState state) => state.Sequences?.Where(sequence => sequence.IsBehind).ToDictionary(
        sequence => sequence.Name, sequence => string.Create(CultureInfo.InvariantCulture, $"{sequence.Name} gives {sequence.Next} next, {sequence.Column} has {sequence.Highest}"), StringComparer.Ordinal);

    private static Dictionary<string, string>? NearEnd(DatabaseState state) => state.Numbers?.Where(number => number.IsNearItsEnd).ToDictionary(
        number => number.Name, number => string.Create(CultureInfo.InvariantCulture, $"{number.Name} is at {number.Next} of {number.Last}, the last of {number.Type}"), StringComparer.Ordinal);

    // What was so before the migration is told and speaks not against it.
    private static ValidationCheck? NewOnes(string name, IReadOnlyCollection<string>? before, IReadOnlyCollection<string>? after, bool isWarning, Func<string, string>? words = null)
    {
        if (after is null)
        {
            return null;
        }

        var fresh = after.Except(before ?? [], StringComparer.Ordinal).Select(one => words?.Invoke(one) ?? one).ToList();
        var old = after.Count - fresh.Count;
        var seen = (fresh.Count == 0 ? "none" : Count(fresh)) + (old == 0 ? "" : $", and {old} that {(old == 1 ? "was" : "were")} so before");
        var verdict = fresh.Count == 0 ? GateVerdict.Pass : isWarning ? GateVerdict.Unknown : GateVerdict.Fail;
        return Check(name, "none that was not so before", seen, verdict, fresh) with { IsWarning = verdict == GateVerdict.Unknown };
    }

    // Rows come and go by the application that runs meanwhile, and it may empty a queue; columns do not, and most rows of a table do not either.
    private static ValidationCheck Untouched(DatabaseState before, DatabaseState after, ScriptWords words)
    {
        var all = before.Tables.ToDictionary(table => table.Name, StringComparer.Ordinal);
        var now = after.Tables.ToDictionary(table => table.Name, StringComparer.Ordinal);
        var untouched = before.Tables.Where(table => !words.Mention(table, all)).ToList();
        var lost = untouched.Select(table => Lost(table, now.GetValueOrDefault(table.Name))).OfType<string>().ToList();
        var emptied = untouched.Select(table => (Table: table, Why: Emptied(table, now.GetValueOrDefault(table.Name)))).Where(one => one.Why is not null).ToList();
        List<string> changed = [.. lost, .. emptied.Select(one => one.Why!)];
        var moved = untouched.Where(table => !table.IsEstimate && now.GetValueOrDefault(table.Name) is { IsEstimate: false, Rows: { } rows } && table.Rows is { } was && rows != was).ToList();
        var rows = moved.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", rows of {Number(moved.Count, "table", "tables")} from {moved.Sum(table => table.Rows!.Value)} to {moved.Sum(table => now[table.Name].Rows!.Value)}");
        var seen = changed.Count == 0 ? $"{Number(untouched.Count, "table", "tables")} as before{rows}" : Count(changed);
        // A statement that takes rows away takes those with them that follow.
        var isTaken = emptied.Exists(one => one.Table.Rows > now[one.Table.Name].Rows && Follows(one.Table, all, words));
        var verdict = changed.Count == 0 ? GateVerdict.Pass : isTaken || (lost.Count > 0 && !words.ReachFurther) ? GateVerdict.Fail : GateVerdict.Unknown;
        return Check("untouched tables unchanged", "columns and storage as before", seen, verdict, changed) with { IsWarning = verdict == GateVerdict.Unknown };
    }

    private static string? Lost(TableState before, TableState? after) => after switch
    {
        null => $"{before.Name} is gone",
        _ when after.Columns != before.Columns => $"{before.Name} has other columns",
        _ => null,
    };

    private static string? Emptied(TableState before, TableState? after) => after switch
    {
        null => null,
        _ when after.Columns != before.Columns => null,
        { Rows: 0 } when before.Rows > 0 => string.Create(CultureInfo.InvariantCulture, $"{before.Name} is empty and had {before.Rows} rows"),
        _ when before.Rows >= FewRows && after.Rows < before.Rows / (after.IsEstimate || before.IsEstimate ? 4 : 2) =>
            string.Create(CultureInfo.InvariantCulture, $"{before.Name} has {(after.IsEstimate ? "about " : "")}{after.Rows} rows and had {(before.IsEstimate ? "about " : "")}{before.Rows}"),
        _ when after.Storage != before.Storage => $"{before.Name} was written anew",
        _ => null,
    };

    // By as many keys as lie between.
    private static bool Follows(TableState table, Dictionary<string, TableState> all, ScriptWords words)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<string>(table.Follows);
        while (next.TryPop(out var name))
        {
            if (seen.Add(name) && all.GetValueOrDefault(name) is { } parent)
            {
                if (words.Removes(parent))
                {
                    return true;
                }

                foreach (var further in parent.Follows)
                {
                    next.Push(further);
                }
            }
        }

        return false;
    }

    private static ValidationCheck? Orphans(DatabaseState before, DatabaseState after)
    {
        if (after.Orphans is null)
        {
            return null;
        }

        var was = (before.Orphans ?? []).ToDictionary(table => table.Table, table => table.Rows, StringComparer.OrdinalIgnoreCase);
        var (now, then) = (after.Orphans.Sum(table => table.Rows ?? 0), was.Values.Sum(rows => rows ?? 0));
        var unclear = after.Orphans.Where(table => table.Rows is null && !(was.TryGetValue(table.Table, out var rows) && rows is null)).Select(table => $"{table.Table}: a foreign key points to what is no key").ToList();
        var seen = string.Create(CultureInfo.InvariantCulture, $"{now}, {then} before") + string.Concat(unclear.Select(one => $"; {one}"));
        return Check("no new rows that point to nothing", "no more than before", seen, now <= then && unclear.Count == 0 ? GateVerdict.Pass : GateVerdict.Fail, [.. after.Orphans.Where(table => table.Rows > 0).Select(table => string.Create(CultureInfo.InvariantCulture, $"{table.Table}: {table.Rows}"))]);
    }

    private static ValidationCheck Check(string name, string expected, string actual, GateVerdict verdict, IReadOnlyList<string> samples) => new()
    {
        Name = name,
        File = File,
        Expected = expected,
        Actual = actual,
        Verdict = verdict,
        Duration = TimeSpan.Zero,
        SampleRows = [.. samples.Take(Shown)],
    };

    private static string Count(IReadOnlyList<string> names) => string.Create(CultureInfo.InvariantCulture, $"{names.Count}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", …" : "")}");

    private static string Number(int count, string one, string more) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : more)}");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
