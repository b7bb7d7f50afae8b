using System.Text;
using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;

namespace DeployOps.Core.Tests.Migrations.Rehearsal;

public sealed class MigrationRehearserTests : IAsyncDisposable
{
    private static readonly string[] Both = ["V1__orders.sql", "U1__orders.sql", "V2__notes.sql", "U2__notes.sql"];
    private readonly FakeDatabase copy = new();

    public ValueTask DisposeAsync() => copy.DisposeAsync();

    [Fact]
    public async Task Every_pending_script_is_applied_and_taken_back_in_reverse()
    {
        var rehearsal = (await RehearseAsync(Both))!;

        copy.Acts.ShouldBe(["apply V1__orders.sql", "apply V2__notes.sql", "revert U2__notes.sql", "revert U1__orders.sql"]);
        rehearsal.Scripts.Select(script => script.Script).ShouldBe(["V1__orders.sql", "V2__notes.sql"]);
        rehearsal.Scripts.ShouldAllBe(script => script.IsReversible && script.UndoDuration != null);
        rehearsal.PointOfNoReturn.ShouldBeNull();
        rehearsal.ToString().ShouldEndWith("every script can be taken back");
    }

    [Fact]
    public async Task Where_nothing_is_pending_nothing_is_rehearsed()
    {
        var scripts = Scripts("V1__orders.sql");
        copy.History.Add(new AppliedMigration(scripts[0].Version, "orders", scripts[0].Checksum, ScaledTime.Day, "kim"));

        (await RehearseAsync("V1__orders.sql")).ShouldBeNull();

        copy.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_reaches_beyond_the_copy_keeps_everything_from_being_rehearsed()
    {
        IReadOnlyList<string> asked = [];
        copy.Beyond = (scripts, _) =>
        {
            asked = [.. scripts.Select(script => script.FileName)];
            return "V2__notes.sql:1 names the database other";
        };
        var applied = Scripts("V1__orders.sql")[0];
        copy.History.Add(new AppliedMigration(applied.Version, "orders", applied.Checksum, ScaledTime.Day, "kim"));

        (await RehearseAsync(Both)).ShouldBeNull();

        asked.Order(StringComparer.Ordinal).ShouldBe(["U2__notes.sql", "V2__notes.sql"]);
        copy.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_the_server_does_not_keep_scripts_within_the_copy_nothing_is_rehearsed_and_it_is_kept_why()
    {
        copy.Open = "it may not; grant it CREATE USER";
        var rehearser = Rehearser();

        (await RehearseAsync(rehearser, [], Both)).ShouldBeNull();

        rehearser.Untried.ShouldBe("it may not; grant it CREATE USER");
        MigrationRehearsal.None("shop", ScaledTime.Day, rehearser.Untried!).ToString().ShouldBe("shop not rehearsed: it may not; grant it CREATE USER");
        copy.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_script_that_lacks_a_right_on_the_copy_alone_ends_the_rehearsal_and_does_not_fail_it()
    {
        copy.BeforeAct = act => Fail(act, "apply V2__notes.sql");
        copy.Withholds = refusal => refusal.Fact == "the server refused";
        var asked = 0;
        copy.Answer = _ => new QueryAnswer(asked++, "1", []);

        var rehearsal = (await RehearseAsync(Rehearser(), [new ValidationQuery("orphans", "a.sql", 1, "SELECT 1", ValidationExpectation.TryParse("no rows")!)], Both)).ShouldNotBeNull();

        copy.Acts.ShouldBe(["apply V1__orders.sql"]);
        asked.ShouldBe(0);
        rehearsal.Scripts.ShouldHaveSingleItem().NotReversible.ShouldBe("taking it back was not tried");
        rehearsal.PointOfNoReturn.ShouldBeNull();
        rehearsal.ToString().ShouldEndWith("; not rehearsed beyond the server refused: on the copy the server gives no right beyond it; neither what comes after that statement nor the ways back were tried");
    }

    [Fact]
    public async Task An_undo_script_that_lacks_a_right_on_the_copy_alone_is_not_known_to_lead_back()
    {
        copy.BeforeAct = act => Fail(act, "revert U2__notes.sql");
        copy.Withholds = _ => true;

        var rehearsal = (await RehearseAsync(Both)).ShouldNotBeNull();

        rehearsal.Scripts[1].NotReversible.ShouldBe("U2__notes.sql needs more than the copy, so that it was not rehearsed to its end: the server refused; on the copy the server gives no right beyond it");
        rehearsal.PointOfNoReturn.ShouldBe("2");
    }

    [Fact]
    public async Task A_script_after_whose_undo_the_schema_is_another_is_the_point_of_no_return()
    {
        copy.Schema = acts => acts.Contains("revert U2__notes.sql") ? "with an index that stayed" : "schema";

        var rehearsal = (await RehearseAsync(Both))!;

        rehearsal.PointOfNoReturn.ShouldBe("2");
        rehearsal.Scripts[1].NotReversible.ShouldBe("after U2__notes.sql it is not what it was: the schema differs");
        rehearsal.Scripts[0].NotReversible.ShouldBe("not tried, since V2__notes.sql stays");
        copy.Acts.ShouldNotContain("revert U1__orders.sql");
    }

    [Fact]
    public async Task What_stands_behind_it_can_still_be_taken_back()
    {
        var rehearsal = (await RehearseAsync("V1__orders.sql", "V2__notes.sql", "U2__notes.sql"))!;

        rehearsal.PointOfNoReturn.ShouldBe("1");
        rehearsal.Scripts[1].IsReversible.ShouldBeTrue();
        rehearsal.Scripts[0].NotReversible.ShouldBe("it has no undo script");
    }

    [Fact]
    public async Task Scripts_that_are_run_again_run_last_and_stay_when_the_others_are_taken_back()
    {
        copy.Schema = acts => acts.Contains("apply R__totals.sql") ? "with a view" : "schema";

        var rehearsal = (await RehearseAsync("R__totals.sql", "V1__orders.sql", "U1__orders.sql"))!;

        copy.Acts.ShouldBe(["apply V1__orders.sql", "apply R__totals.sql", "revert U1__orders.sql"]);
        rehearsal.PointOfNoReturn.ShouldBeNull();
        rehearsal.Scripts.Select(script => (script.Script, script.IsRepeatable, script.IsReversible)).ShouldBe([("V1__orders.sql", false, true), ("R__totals.sql", true, true)]);
        rehearsal.ToString().ShouldContain(", taken back, as far as contents, columns, constraints and indexes tell; R__totals.sql ");
    }

    [Fact]
    public async Task Beside_scripts_that_are_run_again_a_constraint_that_is_not_made_again_is_no_way_back()
    {
        copy.State = _ => new DatabaseState
        {
            Objects =
            [
                "table orders", .. copy.Acts.Contains("apply R__totals.sql") ? ["view totals"] : Array.Empty<string>(),
                .. copy.Acts.Contains("apply V1__orders.sql") ? [] : (string[])["constraint orders.one UNIQUE (number)"],
            ],
        };

        var rehearsal = (await RehearseAsync("R__totals.sql", "V1__orders.sql", "U1__orders.sql"))!;

        rehearsal.Scripts[0].NotReversible.ShouldBe("after U1__orders.sql it is not what it was: constraint orders.one UNIQUE (number) is missing");
        rehearsal.PointOfNoReturn.ShouldBe("1");
    }

    [Fact]
    public async Task What_the_server_is_the_reason_for_is_held_against_no_script()
    {
        copy.BeforeAct = act =>
        {
            if (act == "revert U2__notes.sql")
            {
                throw new DeployOpsException("MigrationGateHeld", FaultKind.Busy, "replica 1 is 3 GiB behind");
            }
        };

        var error = await Errors.OfAsync(() => RehearseAsync(Both), "RehearsalFailed");

        error.Message.ShouldStartWith("On the restored backup of shop the migration could not be tried: replica 1 is 3 GiB behind. Production was not touched.");
    }

    [Fact]
    public async Task An_undo_script_that_fails_is_no_way_back()
    {
        copy.BeforeAct = act => Fail(act, "revert U2__notes.sql");

        var rehearsal = (await RehearseAsync(Both))!;

        rehearsal.Scripts[1].NotReversible.ShouldBe("U2__notes.sql fails: the server refused");
        rehearsal.PointOfNoReturn.ShouldBe("2");
    }

    [Fact]
    public async Task A_script_that_fails_there_is_told_before_production_is_touched()
    {
        copy.BeforeAct = act => Fail(act, "apply V2__notes.sql");

        var error = await Errors.OfAsync(() => RehearseAsync(Both), "RehearsalFailed");

        error.Message.ShouldStartWith("On the restored backup of shop the migration fails: the server refused. Production was not touched.");
    }

    [Fact]
    public async Task A_validation_that_fails_there_is_told_too()
    {
        copy.Answer = _ => new QueryAnswer(3, "1", []);

        var error = await Errors.OfAsync(() => RehearseAsync([new ValidationQuery("no orphans", "a.sql", 1, "SELECT 1", ValidationExpectation.TryParse("no rows")!)], Both), "RehearsalFailed");

        error.Message.ShouldContain("validations fail after the last script");
        error.Message.ShouldContain("no orphans");
    }

    [Fact]
    public async Task What_the_statements_did_is_kept_and_the_rest_counted()
    {
        copy.Watch = observer =>
        {
            for (var number = 1; number <= 203; number++)
            {
                observer.Did(new StatementTrace { Number = number, Line = number, Text = "ALTER TABLE orders", Duration = TimeSpan.FromSeconds(1), Locks = ["orders AccessExclusiveLock"], Rewritten = ["orders"], WalBytes = 1024 });
            }
        };

        var script = (await RehearseAsync("V1__orders.sql"))!.Scripts.ShouldHaveSingleItem();

        script.Statements.Count.ShouldBe(200);
        script.StatementsMore.ShouldBe(3);
        script.ToString().ShouldContain(", orders AccessExclusiveLock, rewrites orders, 200 KiB logged ahead, not reversible: it has no undo script");
        script.Statements[0].ToString().ShouldBe("statement 1 (line 1) ALTER TABLE orders: 1 s, orders AccessExclusiveLock, rewrites orders, 1 KiB logged ahead");
    }

    [Theory]
    [InlineData("SELECT * FROM orders", "SELECT * FROM orders")]
    [InlineData("CREATE ROLE app LOGIN PASSWORD 'S3cret'", "CREATE ROLE app LOGIN PASSWORD '…'")]
    [InlineData("INSERT INTO cards VALUES (4111111111111111, 'Kim', $$it's$$, E'a\\'b')", "INSERT INTO cards VALUES (…, '…', '…', '…')")]
    [InlineData("ALTER TABLE orders ADD total numeric(10, 2) -- by Kim\n, ADD CHECK (card <> 4111111111111111)", "ALTER TABLE orders ADD total numeric(10, 2) , ADD CHECK (card <> …)")]
    [InlineData("\n-- what it is for\n  ALTER TABLE orders\n    ADD COLUMN status text", "ALTER TABLE orders ADD COLUMN status text")]
    public void The_first_words_of_a_statement_are_on_one_line_without_values(string statement, string head) => StatementTrace.Head(SqlStatements.Read(statement, SqlDialect.PostgreSql).Single()).ShouldBe(head);

    [Fact]
    public void A_long_statement_is_cut() => StatementTrace.Head(SqlStatements.Read(new string('x', 81)).Single()).ShouldBe(new string('x', 80) + "…");

    private static void Fail(string act, string failing)
    {
        if (act == failing)
        {
            throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "the server refused");
        }
    }

    private static List<MigrationScript> Scripts(params string[] names) => [.. MigrationFolder.Parse([.. names.Select(name => new SqlFile(name, Encoding.UTF8.GetBytes($"-- {name}")))])];

    private Task<MigrationRehearsal?> RehearseAsync(params string[] names) => RehearseAsync([], names);

    private Task<MigrationRehearsal?> RehearseAsync(IReadOnlyList<ValidationQuery> queries, params string[] names) => RehearseAsync(Rehearser(), queries, names);

    private MigrationRehearser Rehearser() => new(copy, new SilentReporter(), TimeProvider.System);

    private static Task<MigrationRehearsal?> RehearseAsync(MigrationRehearser rehearser, IReadOnlyList<ValidationQuery> queries, params string[] names) =>
        rehearser.RunAsync(new DatabaseSpec { Name = "shop", Kind = "Sqlite", ConnectionString = "", BaseFolder = "" }, Scripts(names), queries, CancellationToken.None);
}
