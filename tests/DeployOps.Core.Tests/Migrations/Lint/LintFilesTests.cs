using DeployOps.Migrations;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Core.Tests.Migrations.Lint;

public sealed class LintFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deployops-lint-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Versions_that_are_there_twice_and_undo_scripts_of_none_are_found_with_everything_else()
    {
        Write("V1__orders.sql", "V2__drop.sql", "V2_0__again.sql", "U2__drop.sql", "U3__gone.sql");
        await File.WriteAllTextAsync(Path.Combine(folder, "V2__drop.sql"), "DROP TABLE orders");

        var found = await LintFiles.CheckAsync(folder, SqlDialect.PostgreSql, default);

        found.Select(finding => $"{finding.File} {finding.Rule} {finding.Name} {finding.Severity}").ShouldBe(
        [
            "V2__drop.sql SEQ001 duplicate-version Error", "U3__gone.sql SEQ001 undo-without-version Error", "V1__orders.sql RLB001 undo-missing Warning", "V2__drop.sql DST001 drop-table Error",
        ]);
        found[0].Why.ShouldBe("V2_0__again.sql and V2__drop.sql are both version 2. Nobody can tell which is meant.");
    }

    [Fact]
    public async Task Nothing_of_the_order_is_found_where_it_is_right()
    {
        Write("V1__orders.sql", "U1__orders.sql", "V2__lines.sql", "U2__lines.sql", "R__totals.sql");

        (await LintFiles.CheckAsync(folder, SqlDialect.PostgreSql, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_script_allows_of_itself_at_its_top_is_told_with_its_reason()
    {
        Write("V2__lines.sql", "U2__lines.sql");
        const string Top = "-- V1\n-- deployops: allow RLB001 reason=\"only adds\"\n-- deployops: allow SEQ001 reason=\"kept for an old branch\"\n";
        await File.WriteAllTextAsync(Path.Combine(folder, "V1__orders.sql"), Top + "SELECT 1;");
        await File.WriteAllTextAsync(Path.Combine(folder, "U9__old.sql"), Top + "SELECT 1;");
        await File.WriteAllTextAsync(Path.Combine(folder, "V3__late.sql"), "SELECT 1;\n-- deployops: allow RLB001 reason=\"too low\"\nSELECT 2;");

        var found = await LintFiles.CheckAsync(folder, SqlDialect.PostgreSql, default);

        found.Select(finding => $"{finding.File}:{finding.Line} {finding.Rule} {finding.Name} {finding.Refuses} {finding.Reason}").ShouldBe(
        [
            "U9__old.sql:1 SEQ001 undo-without-version False kept for an old branch", "V1__orders.sql:1 RLB001 undo-missing False only adds", "V3__late.sql:2 HDR001 allow-matches-nothing False ",
            "V3__late.sql:1 RLB001 undo-missing False ",
        ]);
        found[1].Allowed.ShouldBeTrue();
        found[2].Advice.ShouldBe("Put it among the comments at the top of the script: it speaks of the script as a whole.");
        (await MigrationFolder.LoadAsync(folder, default)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_folder_without_undo_scripts_is_told_at_the_last_script_that_does_not_allow_it()
    {
        Write("V1__orders.sql");
        await File.WriteAllTextAsync(Path.Combine(folder, "V2__lines.sql"), "-- deployops: allow RLB001 reason=\"only adds\"\nSELECT 1;");

        (await LintFiles.CheckAsync(folder, SqlDialect.PostgreSql, default)).ShouldHaveSingleItem().ToString().ShouldStartWith("V1__orders.sql:1: RLB001 no-undo-scripts: None of 2 scripts");
        File.Delete(Path.Combine(folder, "V1__orders.sql"));

        var allowed = (await LintFiles.CheckAsync(folder, SqlDialect.PostgreSql, default)).ShouldHaveSingleItem();

        (allowed.File, allowed.Reason).ShouldBe(("V2__lines.sql", "only adds"));
    }

    private void Write(params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            File.WriteAllText(Path.Combine(folder, name), "SELECT 1");
        }
    }
}
