using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Migrations.Lint;

public sealed class MigrationLinterTests
{
    [Fact]
    public void A_finding_says_where_what_why_and_what_instead()
    {
        var finding = LintBench.Check("SELECT 1;\n\nDROP INDEX\n  i").ShouldHaveSingleItem();

        finding.File.ShouldBe("V1__a.sql");
        finding.Line.ShouldBe(3);
        finding.Statement.ShouldBe("DROP INDEX i");
        finding.Refuses.ShouldBeTrue();
        finding.ToString().ShouldBe(
            "V1__a.sql:3: LCK002 require-concurrent-index-deletion: Dropping an index locks its table against reads and writes, and waits for every transaction that uses it. Write DROP INDEX CONCURRENTLY, in a script of its own.");
    }

    [Theory]
    [InlineData("-- deployops: allow LCK002 reason=\"the table is empty\"\nCREATE INDEX i ON orders (a)")]
    [InlineData("/* a remark */ -- deployops: allow lck002 reason = \"the table is empty\"\n-- another\nCREATE INDEX i ON orders (a)")]
    public void What_is_allowed_with_a_reason_is_told_and_does_not_refuse(string sql)
    {
        var finding = LintBench.Check(sql).ShouldHaveSingleItem();

        finding.Allowed.ShouldBeTrue();
        finding.Reason.ShouldBe("the table is empty");
        finding.Refuses.ShouldBeFalse();
        Should.NotThrow(() => LintRefusals.ThrowIfRefused([finding]));
    }

    [Fact]
    public void Losing_data_is_allowed_by_saying_why() =>
        LintBench.Check("-- deployops: destructive reason=\"unused since 2.1\"\nDROP TABLE old CASCADE").ShouldAllBe(finding => finding.Rule == "DST001" && finding.Allowed && finding.Reason == "unused since 2.1");

    [Theory]
    [InlineData("-- deployops: allow LCK002\nCREATE INDEX i ON orders (a)", "HDR001 allow-without-reason", 1)]
    [InlineData("-- deployops: allow LCK002 reason=\" \"\nCREATE INDEX i ON orders (a)", "HDR001 allow-without-reason", 1)]
    [InlineData("SELECT 1;\n-- deployops: allow LCK002 reason=\"x\"\nSELECT 2; CREATE INDEX i ON orders (a)", "HDR001 allow-matches-nothing", 2)]
    [InlineData("CREATE INDEX i ON orders (a);\n-- deployops: allow LCK002 reason=\"x\"", "HDR001 allow-matches-nothing", 2)]
    [InlineData("-- deployops: allow DST001 reason=\"x\"\nCREATE INDEX i ON orders (a)", "HDR001 allow-matches-nothing", 1)]
    [InlineData("-- deployops: alow LCK002 reason=\"x\"\nCREATE INDEX i ON orders (a)", "HDR001 unknown-header", 1)]
    public void A_header_that_allows_nothing_is_itself_a_finding(string sql, string name, int line)
    {
        var findings = LintBench.Check(sql);

        findings.ShouldContain(finding => LintBench.Name(finding) == name && finding.Line == line);
        findings.ShouldContain(finding => finding.Rule == "LCK002" && finding.Refuses);
    }

    [Theory]
    [InlineData("CREATE TABLE IF NOT EXISTS orders (id bigint); TRUNCATE orders", "DST001")]
    [InlineData("CREATE TABLE IF NOT EXISTS orders (id bigint); CREATE INDEX i ON orders (id)", "LCK002")]
    [InlineData("CREATE TABLE IF NOT EXISTS orders (id bigint); DELETE FROM orders", "DST002")]
    public void What_is_made_only_where_it_is_missing_may_be_in_use(string sql, string rule) =>
        LintBench.Check(sql).ShouldContain(finding => finding.Rule == rule && finding.Refuses);

    [Fact]
    public void What_the_run_made_may_be_changed_by_its_later_scripts()
    {
        var scripts = new[] { LintBench.Script("CREATE TABLE shop.lines (a int)"), LintBench.Script("CREATE INDEX i ON shop.lines (a)", "V2__b.sql") };

        new MigrationLinter(SqlDialect.PostgreSql).Check(scripts).ShouldBeEmpty();
        new MigrationLinter(SqlDialect.PostgreSql).CheckFolder(scripts, undoIsCounted: false).ShouldHaveSingleItem().File.ShouldBe("V2__b.sql");
    }

    [Theory]
    [InlineData("CREATE TABLE orders (a int); CREATE INDEX i ON public.orders (a)")]
    [InlineData("CREATE TABLE public.orders (a int); CREATE INDEX i ON orders (a)")]
    public async Task A_table_is_the_same_with_a_schema_and_without_where_the_database_has_neither(string sql)
    {
        (await LintBench.CheckAsync(sql, new Catalog([]))).ShouldBeEmpty();

        LintBench.Names(sql).ShouldBe(["LCK002 require-concurrent-index-creation"]);
        (await LintBench.CheckAsync(sql, new Catalog(new Dictionary<string, TableFacts> { ["orders"] = new(null, null, null, null) }))).ShouldHaveSingleItem();
        (await LintBench.CheckAsync(sql, new Catalog(new Dictionary<string, TableFacts> { ["public.orders"] = new(null, null, null, null) }))).ShouldHaveSingleItem();
        (await LintBench.CheckAsync($"SET search_path = tenant; {sql}", new Catalog([]))).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_small_table_makes_it_weigh_less_and_a_large_one_more()
    {
        var catalog = new Catalog(new Dictionary<string, TableFacts>
        {
            ["small"] = new(100, 8192, 0, 0),
            ["small_i"] = new(100, 8192, 0, 0),
            ["large"] = new(5_000_000, null, null, null),
            ["unknown"] = new(null, null, null, null),
        });

        async Task<LintFinding> OnlyAsync(string sql) => (await LintBench.CheckAsync(sql, catalog)).Single();

        (await OnlyAsync("CREATE INDEX i ON small (a)")).Severity.ShouldBe(LintSeverity.Warning);
        (await OnlyAsync("DROP INDEX small_i")).Severity.ShouldBe(LintSeverity.Warning);
        (await OnlyAsync("CREATE INDEX i ON unknown (a)")).Severity.ShouldBe(LintSeverity.Error);
        (await OnlyAsync("CREATE INDEX i ON gone (a)")).Facts.ShouldBeNull();
        (await OnlyAsync("ALTER TABLE large DISABLE TRIGGER t")).Severity.ShouldBe(LintSeverity.Error);
        LintBench.Names("UPDATE large SET a = 1 WHERE b = 2").ShouldBeEmpty();
        (await OnlyAsync("UPDATE large SET a = 1 WHERE b = 2")).Name.ShouldBe("change-of-a-large-table");
        (await OnlyAsync("WITH gone AS (DELETE FROM large WHERE a = 1 RETURNING *) INSERT INTO small SELECT * FROM gone")).Name.ShouldBe("change-of-a-large-table");
        (await LintBench.CheckAsync("-- deployops: repeat-until-zero chunk=5000\nUPDATE large SET a = 1 WHERE b = 2", catalog)).ShouldBeEmpty();
        (await OnlyAsync("DROP TABLE small")).Severity.ShouldBe(LintSeverity.Error);
    }

    [Theory]
    [InlineData("MERGE INTO large l USING s ON l.id = s.id WHEN MATCHED THEN DELETE", true)]
    [InlineData("MERGE INTO large l USING s ON l.id = s.id WHEN MATCHED AND s.a > 1 THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT VALUES (1)", true)]
    [InlineData("MERGE INTO large l USING s ON l.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (1)", false)]
    [InlineData("INSERT INTO archive SELECT * FROM large", true)]
    [InlineData("INSERT INTO archive (a) SELECT s.a FROM s JOIN large l ON l.id = s.id WHERE l.a < 1", true)]
    [InlineData("INSERT INTO archive SELECT * FROM s, large", true)]
    [InlineData("INSERT INTO archive SELECT * FROM large LIMIT 1000", false)]
    [InlineData("INSERT INTO archive SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM large WHERE a = 1)", false)]
    [InlineData("INSERT INTO large SELECT * FROM s", false)]
    [InlineData("INSERT INTO archive VALUES (1)", false)]
    public async Task What_changes_or_copies_the_rows_of_a_large_table_is_told(string sql, bool isFound)
    {
        var catalog = new Catalog(new Dictionary<string, TableFacts> { ["large"] = new(5_000_000, null, null, null) });

        (await LintBench.CheckAsync(sql, catalog)).Select(finding => finding.Name).ShouldBe(isFound ? ["change-of-a-large-table"] : []);
    }

    [Fact]
    public async Task What_the_database_knows_of_the_table_is_told_with_it()
    {
        var catalog = new Catalog(new Dictionary<string, TableFacts> { ["orders"] = new(5_000_000, 3L << 30, 12.34, 2) });

        (await LintBench.CheckAsync("CREATE INDEX i ON orders (a)", catalog)).ShouldHaveSingleItem().ToString().ShouldBe(
            "V1__a.sql:1: LCK002 require-concurrent-index-creation: Building an index locks the table against writes until it is done. It has about 5,000,000 rows, 3 GiB, 12.3 writes a second, 2 foreign keys at it. Write CREATE INDEX CONCURRENTLY, in a script of its own.");
    }

    [Fact]
    public async Task A_database_is_asked_once_and_only_where_it_matters()
    {
        var catalog = new Catalog([]);

        await LintBench.CheckAsync("CREATE TABLE lines (a int); CREATE INDEX i ON lines (a); DROP TABLE old; SELECT 1", catalog);
        await LintBench.CheckAsync("TRUNCATE a; CREATE INDEX i ON shop.orders (a); CREATE INDEX j ON shop.orders (b)", catalog);

        catalog.Asked.ShouldBe(["shop.orders"]);
    }

    [Fact]
    public void An_undo_script_may_take_away_what_was_made_but_locks_all_the_same() =>
        new MigrationLinter(SqlDialect.PostgreSql).Check([LintBench.Script("ALTER TABLE orders DROP COLUMN a; DROP INDEX i; DROP TABLE b", "U1__a.sql")]).Select(finding => finding.Rule).ShouldBe(["LCK002"]);

    [Fact]
    public void A_script_without_an_undo_is_told_where_others_have_one() => new MigrationLinter(SqlDialect.PostgreSql)
        .CheckFolder([LintBench.Script("SELECT 1"), LintBench.Script("SELECT 1", "V2__b.sql"), LintBench.Script("SELECT 1", "R__c.sql"), LintBench.Script("SELECT 1", "U1__a.sql")], undoIsCounted: false)
        .Select(finding => $"{finding.File} {LintBench.Name(finding)}").ShouldBe(["V2__b.sql RLB001 undo-missing"]);

    [Fact]
    public void A_folder_without_undo_scripts_is_told_once_where_they_are_counted_on()
    {
        var linter = new MigrationLinter(SqlDialect.PostgreSql);
        var scripts = new[] { LintBench.Script("SELECT 1"), LintBench.Script("SELECT 1", "V2__b.sql"), LintBench.Script("SELECT 1", "R__c.sql") };

        linter.CheckFolder(scripts).ShouldHaveSingleItem().ToString().ShouldBe(
            "V2__b.sql:1: RLB001 no-undo-scripts: None of 2 scripts can be taken back by an undo script: going back keeps what was made, or restores the backup and loses what was written since. "
            + "Write U2__….sql, and one for each before it that is to be taken back; or say in the plan that the database is kept or restored.");
        linter.CheckFolder(scripts, undoIsCounted: false).ShouldBeEmpty();
        linter.CheckFolder([scripts[2]]).ShouldBeEmpty();
    }

    [Fact]
    public void Errors_that_are_not_allowed_refuse_with_all_of_them()
    {
        var error = Should.Throw<DeployOpsException>(() => LintRefusals.ThrowIfRefused(LintBench.Check("DROP TABLE a;\nTRUNCATE b;\nALTER TABLE c RENAME TO d")));

        error.ErrorId.ShouldBe("MigrationLintRefused");
        error.Message.ShouldStartWith("V1__a.sql:1: DST001 drop-table: ");
        error.Message.ShouldContain(" V1__a.sql:2: DST001 truncate: ");
        error.Message.ShouldNotContain("INC001");
        error.NextStep.ShouldBe("Where it must be so, put '-- deployops: allow DST001 reason=\"…\"' directly before the statement.");
    }

    [Theory]
    [InlineData("ALTER TABLE \"Orders\" ADD UNIQUE (a, \"B\")", "SELECT a, \"B\", count(*) FROM \"Orders\" WHERE a IS NOT NULL AND \"B\" IS NOT NULL GROUP BY a, \"B\" HAVING count(*) > 1 LIMIT 5")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY i ON orders (a, b) NULLS NOT DISTINCT", "SELECT a, b, count(*) FROM orders GROUP BY a, b HAVING count(*) > 1 LIMIT 5")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT c UNIQUE NULLS NOT DISTINCT (a)", "SELECT a, count(*) FROM orders GROUP BY a HAVING count(*) > 1 LIMIT 5")]
    [InlineData("ALTER TABLE shop.orders ALTER status SET NOT NULL", "SELECT * FROM shop.orders WHERE status IS NULL LIMIT 5")]
    [InlineData("ALTER TABLE orders ADD CHECK (total > 0 AND kind IN ('a', 'b'))", "SELECT * FROM orders WHERE NOT ( total > 0 AND kind IN ( 'a' , 'b' ) ) LIMIT 5")]
    [InlineData("ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders (id)", "SELECT c.order_id FROM lines c WHERE c.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM orders p WHERE p.id = c.order_id) LIMIT 5")]
    public void What_depends_on_the_rows_comes_with_a_query(string sql, string probe) =>
        LintBench.Check(sql).Single(finding => finding.Rule == "DAT001").Probe.ShouldBe(probe);

    [Fact]
    public async Task The_rows_decide_where_they_can_be_asked()
    {
        var findings = LintBench.Check("CREATE UNIQUE INDEX CONCURRENTLY i ON good (a); CREATE UNIQUE INDEX CONCURRENTLY j ON bad (a); CREATE UNIQUE INDEX CONCURRENTLY k ON gone (a)");

        var judged = await new LintProbeRunner(new Rows(), new SilentReporter(), new FakeTimeProvider()).RunAsync(findings, default);

        judged.Select(finding => (finding.Table, finding.Severity)).ShouldBe([("bad", LintSeverity.Error), ("gone", LintSeverity.Warning)]);
        judged[0].Why.ShouldEndWith("There is such data now: a=7.");
    }

    [Theory]
    [InlineData(100, LintSeverity.Warning)]
    [InlineData(100_000, LintSeverity.Error)]
    public async Task Rows_of_a_small_table_do_not_refuse_what_only_takes_long(long rows, LintSeverity severity)
    {
        var catalog = new Catalog(new Dictionary<string, TableFacts> { ["bad"] = new(rows, 8192, 0, 0) });
        var findings = await LintBench.CheckAsync("ALTER TABLE bad ADD PRIMARY KEY USING INDEX u", catalog);

        var judged = await new LintProbeRunner(new Rows(), new SilentReporter(), new FakeTimeProvider()).RunAsync(findings, default);

        judged.ShouldHaveSingleItem().Severity.ShouldBe(severity);
    }

    [Theory]
    [InlineData("UPDATE bad SET a = 1 WHERE a = 7", true)]
    [InlineData("WITH gone AS (DELETE FROM bad WHERE a = 7 RETURNING a) INSERT INTO log SELECT a FROM gone", true)]
    [InlineData("COPY bad FROM STDIN;\n1\n\\.\n", true)]
    [InlineData("CALL mend()", true)]
    [InlineData("UPDATE good SET a = 1 WHERE a = 7", false)]
    [InlineData("SELECT a FROM bad", false)]
    public async Task Rows_that_an_earlier_script_may_mend_do_not_refuse(string before, bool mayMend)
    {
        var findings = new MigrationLinter(SqlDialect.PostgreSql).Check([LintBench.Script(before), LintBench.Script("CREATE UNIQUE INDEX CONCURRENTLY j ON bad (a)", "V2__b.sql")]);

        var judged = await new LintProbeRunner(new Rows(), new SilentReporter(), new FakeTimeProvider()).RunAsync([.. findings.Where(finding => finding.Rule == "DAT001")], default);

        judged.ShouldHaveSingleItem().Refuses.ShouldBe(!mayMend);
        judged[0].Why.ShouldEndWith(mayMend ? "There is such data now: a=7; V1__a.sql:1 writes before, so that only then it is known." : "There is such data now: a=7.");
    }

    private sealed class Catalog(Dictionary<string, TableFacts> facts) : ITableCatalog
    {
        public List<string> Asked { get; } = [];

        public Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(IReadOnlyCollection<SqlName> names, CancellationToken cancellationToken)
        {
            Asked.AddRange(names.Select(name => name.Written));
            return Task.FromResult<IReadOnlyDictionary<string, TableFacts>>(facts);
        }
    }

    private sealed class Rows : IValidationTarget
    {
        public Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken) => sql switch
        {
            _ when sql.Contains("good", StringComparison.Ordinal) => Task.FromResult(new QueryAnswer(0, null, [])),
            _ when sql.Contains("bad", StringComparison.Ordinal) => Task.FromResult(new QueryAnswer(1, "7", ["a=7"])),
            _ => throw new DeployOpsException("ValidationQueryFailed", FaultKind.Failed, "no such table"),
        };
    }
}
