using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.Validations;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Migrations.Validations;

public sealed class ValidationRunnerTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Every_query_is_asked_although_one_fails()
    {
        var target = new Target((sql, _) => sql switch
        {
            "bad" => throw new DeployOpsException("ValidationQueryFailed", FaultKind.Failed, "no such table"),
            "busy" => throw new DeployOpsException("DatabaseBusy", FaultKind.Busy, "held"),
            _ => Later(new QueryAnswer(1, "42", ["n=42"]), TimeSpan.FromSeconds(2)),
        });

        var checks = await Runner(target).RunAsync([Query("bad", "runs"), Query("busy", "runs"), Query("good", "42"), Query("rows", null)], default);

        checks.Select(check => (check.Name, check.Verdict, check.IsWarning)).ShouldBe(
            [("bad", GateVerdict.Fail, false), ("busy", GateVerdict.Unknown, false), ("good", GateVerdict.Pass, false), ("rows", GateVerdict.Unknown, true)]);
        checks[0].Actual.ShouldBe("no such table");
        checks[2].Duration.ShouldBe(TimeSpan.FromSeconds(2));
        checks[2].SampleRows.ShouldBe(["n=42"]);
        checks[2].ToString().ShouldBe("Pass: good: expected 42, got 42");
    }

    [Fact]
    public async Task A_query_that_takes_long_is_told_of_each_second()
    {
        var reporter = new ScriptedReporter();
        var answer = new TaskCompletionSource<QueryAnswer>();
        var running = new ValidationRunner(new Target((_, _) => answer.Task), reporter, time).RunAsync([Query("slow", "no rows")], default);

        for (var tries = 0; tries < 500 && reporter.Told.Count < 3; tries++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        answer.SetResult(new QueryAnswer(0, null, []));
        await running;
        reporter.Told.Count.ShouldBeGreaterThanOrEqualTo(3);
        reporter.Told.First().ShouldBe("slow (orders.sql)");
        reporter.Told.Last().ShouldMatch(@"^slow \(orders\.sql\), ([0-9]+ min )?[0-9]+ s$");
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_unknown_and_the_next_is_asked()
    {
        var target = new Target(async (sql, token) =>
        {
            if (sql == "slow")
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return new QueryAnswer(0, null, []);
        });
        var running = Runner(target).RunAsync([Query("slow", "no rows"), Query("quick", "no rows")], default);

        time.Advance(TimeSpan.FromSeconds(31));

        var checks = await running;
        checks.Select(check => check.Verdict).ShouldBe([GateVerdict.Unknown, GateVerdict.Pass]);
        checks[0].Actual.ShouldContain("00:00:30");
        checks[0].IsWarning.ShouldBeFalse();
    }

    [Fact]
    public async Task Each_query_is_asked_at_its_moments()
    {
        var target = new Target((_, _) => Task.FromResult(new QueryAnswer(0, null, [])));
        ValidationQuery[] queries =
        [
            Query("before", "no rows") with { When = ValidationMoments.Before }, Query("after", "no rows"), Query("both", "no rows") with { When = ValidationMoments.Before | ValidationMoments.After },
            Query("same", "same as before") with { When = ValidationMoments.Before | ValidationMoments.After },
        ];

        var before = await Runner(target).RunBeforeAsync(queries, default);
        var after = await Runner(target).RunAsync(queries, default);

        before.Select(check => (check.Name, check.When)).ShouldBe([("before", ValidationMoments.Before), ("both", ValidationMoments.Before)]);
        after.Select(check => (check.Name, check.When)).ShouldBe([("after", ValidationMoments.After), ("both", ValidationMoments.After), ("same", ValidationMoments.After)]);
    }

    [Fact]
    public async Task A_query_of_a_replica_is_asked_there_and_where_there_is_none_it_is_no_pass()
    {
        var asked = new List<string>();
        Target Server(string name, IValidationTarget? replica) => new((sql, _) =>
        {
            asked.Add($"{name}: {sql}");
            return Task.FromResult(new QueryAnswer(0, null, []));
        })
        { Replica = replica };
        ValidationQuery[] queries = [Query("here", "no rows"), Query("there", "no rows") with { OnReplica = true }];

        var with = await Runner(Server("primary", Server("replica", null))).RunAsync(queries, default);
        var without = await Runner(Server("alone", null)).RunAsync(queries, default);

        asked.ShouldBe(["primary: here", "replica: there", "alone: here"]);
        with.ShouldAllBe(check => check.Verdict == GateVerdict.Pass);
        (without[1].Verdict, without[1].Refuses).ShouldBe((GateVerdict.Unknown, true));
        without[1].Told.ShouldBe("there: expected no rows, could not be asked: no replica is named for it: name one by Databases.Replica, without a plan by -Replica");
    }

    [Fact]
    public async Task A_query_that_only_warns_does_not_refuse()
    {
        var query = Query("many", "no rows") with { Warns = true };

        var checks = await Runner(new Target((_, _) => Task.FromResult(new QueryAnswer(3, "7", ["id=7"])))).RunAsync([query, Query("other", "no rows")], default);

        checks.Select(check => (check.Verdict, check.IsWarning, check.Refuses)).ShouldBe([(GateVerdict.Fail, true, false), (GateVerdict.Fail, false, true)]);
        checks[0].Warning.ShouldBe("orders.sql: many: expected no rows, got 3 rows (such as id=7)");
    }

    [Fact]
    public async Task A_query_may_take_as_long_as_its_header_says()
    {
        var running = Runner(new Target(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new QueryAnswer(0, null, []);
        })).RunAsync([Query("slow", "no rows") with { Timeout = TimeSpan.FromSeconds(2) }], default);

        time.Advance(TimeSpan.FromSeconds(3));

        (await running)[0].Actual.ShouldBe("no answer within 00:00:02");
    }

    [Fact]
    public async Task Cancelling_is_no_answer()
    {
        using var stop = new CancellationTokenSource();
        var running = Runner(new Target(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new QueryAnswer(0, null, []);
        })).RunAsync([Query("slow", "no rows")], stop.Token);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    private ValidationRunner Runner(IValidationTarget target) => new(target, new SilentReporter(), time);

    private Task<QueryAnswer> Later(QueryAnswer answer, TimeSpan after)
    {
        time.Advance(after);
        return Task.FromResult(answer);
    }

    private static ValidationQuery Query(string name, string? expectation) =>
        new(name, "orders.sql", 1, name, expectation is null ? ValidationExpectation.Unstated : ValidationExpectation.TryParse(expectation)!);

    private sealed class Target(Func<string, CancellationToken, Task<QueryAnswer>> answer) : IValidationTarget
    {
        public IValidationTarget? Replica { get; init; }

        public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken) => answer(sql, cancellationToken);
    }
}
