using DeployOps.Migrations.Watching;

namespace DeployOps.Core.Tests.Migrations.Watching;

public sealed class MigrationProgressTests
{
    private static readonly MigrationProgress Started = new() { Script = "V1__a.sql", Elapsed = TimeSpan.FromSeconds(12), Statement = 2, Statements = 5 };

    [Fact]
    public void It_says_the_statement_and_the_time() => (Started.ToString(), Started.Percent).ShouldBe(("V1__a.sql: statement 2 of 5, 12 s", 20));

    [Fact]
    public void It_says_what_the_server_knows_of_the_statement()
    {
        var building = Started with { Sample = new MigrationSample { Elapsed = TimeSpan.Zero, Percent = 40, Work = "building index", State = "active", WaitsFor = "IO/DataFileRead" } };

        (building.ToString(), building.Percent).ShouldBe(("V1__a.sql: statement 2 of 5, 40 %, building index, 12 s, waits for IO/DataFileRead", 40));
    }

    [Fact]
    public void It_says_who_waits_for_whom()
    {
        var waiting = Started with { Sample = new MigrationSample { Elapsed = TimeSpan.Zero, BlockedBy = ["process 7 (report)"], Blocks = new BlockedSessions(2, TimeSpan.FromSeconds(0.5), ["web"]) } };

        waiting.ToString().ShouldBe("V1__a.sql: statement 2 of 5, 12 s, blocked by process 7 (report), blocks 2 sessions (web) for 0.5 s");
    }

    [Fact]
    public void A_script_of_one_statement_has_no_percentage_of_its_own() => (Started with { Statement = 1, Statements = 1 }).Percent.ShouldBeNull();
}
