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

    private void Write(params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            File.WriteAllText(Path.Combine(folder, name), "SELECT 1");
        }
    }
}
