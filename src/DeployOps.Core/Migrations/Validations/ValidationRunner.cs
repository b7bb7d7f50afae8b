using DeployOps.Gates;

namespace DeployOps.Migrations.Validations;

/// <summary>Asks the validation queries of a database, one after another, and judges each. A failing one does not keep the others from being asked.</summary>
/// <param name="target">The database, read only.</param>
/// <param name="reporter">Told which query is asked, and each second for how long already.</param>
/// <param name="time">Measures the queries and ends those that take too long.</param>
public sealed class ValidationRunner(IValidationTarget target, IStepReporter reporter, TimeProvider time)
{
    /// <summary>What is told of a query that was only planned.</summary>
    internal const string NotAsked = "not asked yet";

    private const string Activity = "Validating";
    private const int SampleRows = 5;

    /// <summary>How long one query may run whose file does not say. Default 30 s; a longer one is Unknown.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Takes known secrets out of what a query answers, before that is cut to be shown. Default: takes nothing out.</summary>
    public Func<string, string> Redact { get; init; } = text => text;

    /// <summary>What would be asked, in order, with no answer yet.</summary>
    public static IReadOnlyList<ValidationCheck> Plan(IEnumerable<ValidationQuery> queries) =>
    [
        .. queries.Select(query => new ValidationCheck
        {
            Name = query.Name,
            File = query.File,
            When = query.When,
            Expected = query.Expectation.Text,
            Actual = NotAsked,
            Verdict = GateVerdict.Unknown,
            Duration = TimeSpan.Zero,
        }),
    ];

    /// <summary>Asks those of them, before the migration, that are expected to answer the same after it.</summary>
    /// <exception cref="DeployOpsException"><c>ValidationBaselineMissing</c> where one of them cannot be asked: after the migration nothing could be said of it.</exception>
    public async Task<IReadOnlyList<ValidationBaseline>> AskBeforeAsync(IEnumerable<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queries);
        var baselines = new List<ValidationBaseline>();
        foreach (var query in queries.Where(query => query.Expectation.Form == ValidationForm.SameAsBefore))
        {
            var (check, answer) = await reporter.RunAsync(time, Activity, $"{query.Name} ({query.File}), before the migration", () => AskAsync(query, before: null, cancellationToken));
            var refusal = answer is null ? check.Actual.TrimEnd('.') : query.Expectation.Refusal(answer);
            baselines.Add(refusal is null ? ValidationBaseline.Of(query, answer!) : throw new DeployOpsException(
                "ValidationBaselineMissing",
                FaultKind.Failed,
                $"{query.File}: '{query.Name}' is expected to answer the same after the migration as before, and cannot be asked before: {refusal}.",
                answer is null ? "Let it ask only for what is there before the migration too." : "Let it ask for one number, or expect the same without a margin.")
            { Target = query.File });
        }

        return baselines;
    }

    /// <summary>Asks those that are to be judged before the migration, in order. What they answered is not kept: it may be anybody's, and is looked at while it is there.</summary>
    public async Task<IReadOnlyList<ValidationCheck>> RunBeforeAsync(IEnumerable<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queries);
        var checks = new List<ValidationCheck>();
        foreach (var query in queries.Where(query => query.When.HasFlag(ValidationMoments.Before) && query.Expectation.Form != ValidationForm.SameAsBefore))
        {
            var (check, _) = await reporter.RunAsync(time, Activity, $"{query.Name} ({query.File}), before the migration", () => AskAsync(query, before: null, cancellationToken));
            checks.Add(check with { When = ValidationMoments.Before });
        }

        return checks;
    }

    /// <summary>Asks them all that are to be asked after the migration, in order.</summary>
    /// <param name="queries">The queries.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<ValidationCheck>> RunAsync(IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken) => RunAsync(queries, [], cancellationToken);

    /// <summary>Asks them all that are to be asked after it, in order, and compares with what was answered before the migration where that is expected.</summary>
    public async Task<IReadOnlyList<ValidationCheck>> RunAsync(IReadOnlyList<ValidationQuery> queries, IReadOnlyList<ValidationBaseline> before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queries);
        var checks = new List<ValidationCheck>();
        foreach (var query in queries.Where(query => query.When.HasFlag(ValidationMoments.After)))
        {
            var was = before.FirstOrDefault(one => one.File == query.File && one.Name == query.Name);
            var (check, _) = await reporter.RunAsync(time, Activity, $"{query.Name} ({query.File})", () => AskAsync(query, was, cancellationToken), 100 * checks.Count / queries.Count);
            checks.Add(check);
        }

        return checks;
    }

    private async Task<(ValidationCheck Check, QueryAnswer? Answer)> AskAsync(ValidationQuery query, ValidationBaseline? before, CancellationToken cancellationToken)
    {
        var longest = query.Timeout ?? QueryTimeout;
        using var limit = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var started = time.GetTimestamp();
        if (query.OnReplica && target.Replica is null)
        {
            return (Check(query, GateVerdict.Unknown, "no replica is named for it: name one by Databases.Replica, without a plan by -Replica", started), null);
        }

        try
        {
            var asked = query.OnReplica ? target.Replica! : target;
            if (query.Table is { } table)
            {
                return (await CompareAsync(query, asked, new WholeAnswer(table, Redact), started, either.Token), null);
            }

            var answer = await asked.QueryAsync(query.Sql, SampleRows, Redact, either.Token);
            var (verdict, actual) = query.Expectation.Judge(answer, before);
            var check = Check(query, verdict, actual, started) with
            {
                SampleRows = answer.SampleRows,
                IsWarning = verdict == GateVerdict.Unknown && query.Expectation.Form == ValidationForm.Unstated || (query.Warns && verdict != GateVerdict.Pass),
            };
            return (check, answer);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (Check(query, GateVerdict.Unknown, $"no answer within {longest}", started), null);
        }
        catch (DeployOpsException e) when (e.Kind != FaultKind.Stopped)
        {
            // A query that fails speaks against the database; one that could not be asked, of a busy database say, tells nothing.
            return (Check(query, e.ErrorId == "ValidationQueryFailed" ? GateVerdict.Fail : GateVerdict.Unknown, e.Message, started), null);
        }
    }

    private async Task<ValidationCheck> CompareAsync(ValidationQuery query, IValidationTarget asked, WholeAnswer whole, long started, CancellationToken token)
    {
        var ((verdict, actual), differences) = whole.Judge(await asked.QueryAsync(query.Sql, whole.Rows, whole.Keep, token));
        return Check(query, verdict, actual, started) with { SampleRows = differences };
    }

    private ValidationCheck Check(ValidationQuery query, GateVerdict verdict, string actual, long started) => new()
    {
        Name = query.Name,
        File = query.File,
        Expected = query.Expectation.Text,
        Actual = actual,
        Verdict = verdict,
        IsWarning = query.Warns && verdict != GateVerdict.Pass,
        Duration = time.GetElapsedTime(started),
    };
}
