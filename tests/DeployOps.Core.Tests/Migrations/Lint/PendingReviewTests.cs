using DeployOps.Core.Tests.Support;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Migrations.Lint;

public sealed class PendingReviewTests
{
    private readonly ScriptedReporter reporter = new();
    private Func<string, QueryAnswer> answer = _ => throw new NotSupportedException("no test asks");

    [Theory]
    [InlineData(SqlDialect.PostgreSql)]
    [InlineData(SqlDialect.MariaDb)]
    public async Task An_error_refuses_the_migration_of_a_server(SqlDialect dialect)
    {
        var error = await Should.ThrowAsync<DeployOpsException>(() => ReviewAsync("DROP TABLE orders", dialect));

        error.ErrorId.ShouldBe("MigrationLintRefused");
    }

    [Fact]
    public async Task What_is_allowed_is_neither_refused_nor_told() =>
        (await ReviewAsync("-- deployops: destructive reason=\"unused\"\nDROP TABLE orders", SqlDialect.PostgreSql)).ShouldBeEmpty();

    [Fact]
    public async Task Of_Sqlite_it_is_only_told() => (await ReviewAsync("DROP TABLE orders", SqlDialect.Sqlite)).Count.ShouldBe(1);

    [Fact]
    public async Task Rows_that_would_fail_it_refuse_it_with_one_of_them_and_no_secret()
    {
        answer = _ => new QueryAnswer(1, "7", ["a=hunter22"]);

        var error = await Should.ThrowAsync<DeployOpsException>(() => ReviewAsync("CREATE UNIQUE INDEX CONCURRENTLY i ON orders (a)", SqlDialect.PostgreSql));

        error.Message.ShouldContain("There is such data now: a=***.");
    }

    [Fact]
    public async Task Ten_findings_are_told_and_how_many_more_there_are()
    {
        var findings = await ReviewAsync(string.Concat(Enumerable.Repeat("DROP TABLE orders;\n", 12)), SqlDialect.Sqlite);

        Review().Tell(findings);

        reporter.Warnings.Count.ShouldBe(11);
        reporter.Warnings[0].ShouldStartWith("V1__a.sql:1: DST001 drop-table: ");
        reporter.Warnings[^1].ShouldBe("2 findings more; Test-DbMigration shows them all.");
    }

    private Task<IReadOnlyList<LintFinding>> ReviewAsync(string sql, SqlDialect dialect) => Review().RequireAsync(dialect, [LintBench.Script(sql)], CancellationToken.None);

    private PendingReview Review() => new(new FakeDatabase { Answer = answer }, reporter, new FakeTimeProvider()) { Redact = text => text.Replace("hunter22", "***", StringComparison.Ordinal) };
}
