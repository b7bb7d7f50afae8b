using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;
using DeployOps.Phases;

namespace DeployOps.Core.Tests.Migrations.States;

/// <summary>A migration whose database is looked at before and after it.</summary>
public sealed class ComparedMigrationTests
{
    private const string Databases = "Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db'; Migrations = 'migrations'; Validations = 'validations' } )";
    private static readonly (string, string) Same = ("validations/orders.sql", "-- verify: orders stay\n-- expect: same as before\nSELECT count(*) FROM orders;");

    [Fact]
    public async Task An_answer_is_asked_before_the_first_script_and_compared_after_the_last()
    {
        using var release = await OpenAsync();
        release.ShopDatabase.Answer = _ => Count(release.ShopDatabase.Acts.Count == 0 ? 10 : 12);

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        ending.Result.Databases.ShouldHaveSingleItem().Validations.ShouldHaveSingleItem().Actual.ShouldBe("12, 10 before");
        ending.Result.Summary.ShouldContain("orders stay: expected same as before, got 12, 10 before (such as n=12)");
        (await release.RecordsAsync()).ShouldContain(record => record.Target == "migration-before/shop");
    }

    [Fact]
    public async Task A_run_that_carries_on_compares_with_what_was_kept()
    {
        using var release = await OpenAsync();
        release.ShopDatabase.Answer = _ => Count(release.ShopDatabase.Acts.Count == 0 ? 10 : 12);
        release.ShopDatabase.BeforeAct = act => _ = act == "apply V2__notes.sql" ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "it failed.", "Mend it.") : 0;
        await release.RunAsync(new MigrationPhase(), new ScriptedReporter());
        release.ShopDatabase.BeforeAct = _ => { };

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql"]);
        ending.Result.Databases[0].Validations[0].Actual.ShouldBe("12, 10 before");
    }

    [Fact]
    public async Task A_query_that_cannot_be_asked_before_keeps_the_migration_from_beginning()
    {
        using var release = await OpenAsync();
        release.ShopDatabase.Answer = _ => throw new DeployOpsException("ValidationQueryFailed", FaultKind.Failed, "The query failed: no such table: orders.", "Correct the query.");

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        ending.Result.Summary.ShouldContain("'orders stay' is expected to answer the same after the migration as before, and cannot be asked before: The query failed: no such table: orders. Correct the query.");
        release.ShopDatabase.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_to_hold_before_is_asked_of_every_database_before_the_first_script_of_any()
    {
        using var release = await OpenTwoAsync();
        var other = release.OtherDatabases["other"];
        other.Answer = _ => Count(0);

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        ending.Result.Summary.ShouldContain("1 validation failed before the migration: there are orders: expected >= 1, got 0 (such as n=0). No script was begun.");
        release.ShopDatabase.Acts.ShouldBeEmpty();
        other.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_held_before_is_not_asked_again_by_a_run_that_carries_on()
    {
        using var release = await OpenTwoAsync();
        var other = release.OtherDatabases["other"];
        var asked = 0;
        // Once a script of it is applied it does not hold any more.
        release.ShopDatabase.Answer = _ => Count(release.ShopDatabase.Acts.Count == 0 ? 1 : 0);
        other.Answer = _ => Count(++asked);
        other.BeforeAct = act => _ = act == "apply V2__notes.sql" ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "it failed.", "Mend it.") : 0;
        var first = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());
        other.BeforeAct = _ => { };

        var second = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        first.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        second.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        asked.ShouldBe(1);
        other.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql"]);
        second.Result.Databases.SelectMany(database => database.Validations).Select(check => check.ToString()).ShouldBe(["Pass: there are orders: expected >= 1, got 1", "Pass: there are orders: expected >= 1, got 1"]);
    }

    [Theory]
    [InlineData(false, "ValidationFailed")]
    [InlineData(true, null)]
    public async Task Without_a_plan_it_is_not_asked_again_where_a_script_was_begun_and_did_not_end(bool isBegun, string? refusal)
    {
        using var release = await OpenTwoAsync();
        release.ShopDatabase.Answer = _ => Count(0);
        if (isBegun)
        {
            release.ShopDatabase.Begun.Add(new BegunMigration(MigrationVersion.TryParse("1")!, "V1__orders.sql", false, 2, ScaledTime.Day, "kim"));
        }

        var reporter = new ScriptedReporter();
        var migrator = new DatabaseMigrator(release.Ports(), reporter, new DatabaseSpec
        {
            Name = "shop",
            Kind = "Sqlite",
            ConnectionString = "Data Source=shop.db",
            Migrations = Path.Combine(release.Root, "migrations"),
            Validations = Path.Combine(release.Root, "validations"),
            BaseFolder = release.Root,
        });

        var error = await Record.ExceptionAsync(() => migrator.RunAsync(default));

        (error as DeployOpsException)?.ErrorId.ShouldBe(refusal);
        (error is null).ShouldBe(refusal is null, error?.Message);
        release.ShopDatabase.Acts.Count.ShouldBe(isBegun ? 2 : 0);
        reporter.Warnings.Any(words => words == "Version 1 was begun and did not end: it is gone on with, and what is to hold before the first script is not asked again.").ShouldBe(isBegun);
    }

    [Fact]
    public async Task What_a_database_consists_of_is_compared_and_the_difference_kept()
    {
        using var release = await OpenAsync(validated: false);
        release.ShopDatabase.State = moment => new DatabaseState
        {
            Objects = moment == StateMoment.Before ? ["table orders"] : ["column orders.note", "table orders"],
            Orphans = [new OrphanState("lines", moment == StateMoment.Before ? 0 : 1)],
        };

        var ending = await release.RunAsync(new MigrationPhase(), new ScriptedReporter());

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        ending.Result.Databases[0].SchemaChanges.ShouldBe(["+ column orders.note"]);
        ending.Result.Databases[0].Validations.Where(check => check.Refuses).ShouldHaveSingleItem().ToString().ShouldBe("Fail: no new rows that point to nothing: expected no more than before, got 1, 0 before");
    }

    [Fact]
    public async Task A_database_that_cannot_be_looked_at_afterwards_is_a_warning()
    {
        using var release = await OpenAsync(validated: false);
        release.ShopDatabase.State = moment => moment == StateMoment.Before ? new DatabaseState() : throw new DeployOpsException("DatabaseBusy", FaultKind.Busy, "It is held.", "Wait.");
        var reporter = new ScriptedReporter();

        var ending = await release.RunAsync(new MigrationPhase(), reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        reporter.Warnings.ShouldContain("what the database consists of: expected as planned, got It is held. Wait.");
    }

    [Fact]
    public async Task Before_the_commit_of_the_last_script_its_validations_are_asked_and_take_it_back()
    {
        using var release = await OpenAsync();
        var asked = new List<int>();
        release.ShopDatabase.Answer = _ =>
        {
            asked.Add(release.ShopDatabase.Acts.Count);
            return Count(asked.Count == 1 ? 10 : 12);
        };

        var ending = await release.RunAsync(new MigrationPhase { VerifyBeforeCommit = true }, new ScriptedReporter());

        asked.ShouldBe([0, 1]);
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql"]);
        ending.Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        ending.Result.Summary.ShouldContain("V2__notes.sql: 1 validation failed before the commit: orders stay: expected same as before, got 12, 10 before (such as n=12). Nothing of the script is left.");
    }

    [Fact]
    public async Task A_replica_that_was_there_before_and_is_not_after_is_told()
    {
        using var release = await OpenAsync(validated: false);
        release.ShopDatabase.State = _ => new DatabaseState();
        release.ShopDatabase.Replicas = 1;
        release.ShopDatabase.BeforeAct = act => release.ShopDatabase.Replicas = act.StartsWith("apply", StringComparison.Ordinal) ? 0 : 1;
        var reporter = new ScriptedReporter();

        await release.RunAsync(new MigrationPhase(), reporter);

        reporter.Warnings.ShouldContain(warning => warning.Contains("0 of 1 replica connected that was before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_warning_is_told_and_lets_it_go_on()
    {
        using var release = await OpenAsync(validated: false);
        release.ShopDatabase.State = moment => new DatabaseState { UnvalidatedConstraints = moment == StateMoment.Before ? [] : ["fk on lines"] };
        var reporter = new ScriptedReporter();

        var ending = await release.RunAsync(new MigrationPhase(), reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        ending.Result.Databases[0].Validations[0].Verdict.ShouldBe(GateVerdict.Unknown);
        reporter.Warnings.ShouldContain("no unvalidated constraints: expected none that was not so before, got 1: fk on lines");
    }

    private static Task<Release> OpenAsync(bool validated = true) =>
        validated ? Release.OpenAsync("When = 'Never'", Databases, files: Same) : Release.OpenAsync("When = 'Never'", Release.Database);

    private static async Task<Release> OpenTwoAsync()
    {
        var one = "Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db'; Migrations = 'migrations'; Validations = 'validations'";
        var release = await Release.OpenAsync(
            "When = 'Never'", $"Databases = @( @{{ Name = 'shop'; {one} }}, @{{ Name = 'other'; {one} }} )", files: ("validations/orders.sql", "-- verify: there are orders\n-- when: pre\n-- expect: >= 1\nSELECT count(*) FROM orders;"));
        release.ShopDatabase.Answer = _ => Count(1);
        release.OtherDatabases["other"] = new FakeDatabase { Answer = _ => Count(1) };
        return release;
    }

    private static QueryAnswer Count(int rows) => new(1, $"{rows}", [$"n={rows}"]);
}
