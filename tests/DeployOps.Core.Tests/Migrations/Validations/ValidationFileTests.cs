using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Core.Tests.Migrations.Validations;

public sealed class ValidationFileTests
{
    [Fact]
    public void How_much_a_query_weighs_and_how_long_it_may_take_stands_in_its_header()
    {
        var query = ValidationFile.Parse(new SqlFile("a.sql", Encoding.UTF8.GetBytes("-- verify: few\n-- severity: warn\n-- timeout: 2min\n-- expect: <= 5\nSELECT 1"))).ShouldHaveSingleItem();

        (query.Warns, query.Timeout).ShouldBe((true, TimeSpan.FromMinutes(2)));
    }

    [Theory]
    [InlineData("-- verify: a\n-- when: pre\nSELECT 1", ValidationMoments.Before, false, false)]
    [InlineData("-- verify: a\n-- when: post, pre\nSELECT 1", ValidationMoments.Before | ValidationMoments.After, false, false)]
    [InlineData("-- verify: a\n-- on: replica\nSELECT 1", ValidationMoments.After, true, false)]
    [InlineData("-- verify: a\n-- when: pre,post   severity: warn   timeout: 30s   on: replica\nSELECT 1", ValidationMoments.Before | ValidationMoments.After, true, true)]
    [InlineData("-- deployops: verify: a\n-- deployops: when: pre\n-- deployops: on: primary\nSELECT 1", ValidationMoments.Before, false, false)]
    [InlineData("-- verify: a, when: pre\n-- expect: no rows\nSELECT 1", ValidationMoments.After, false, false)]
    public void When_and_where_a_query_is_asked_stands_in_its_header(string sql, ValidationMoments when, bool onReplica, bool warns)
    {
        var query = Parse(sql).ShouldHaveSingleItem();

        (query.When, query.OnReplica, query.Warns, query.Timeout is not null).ShouldBe((when, onReplica, warns, warns));
        query.Name.ShouldStartWith("a");
    }

    [Theory]
    [InlineData("-- verify: a\n-- when: later\nSELECT 1", "a.sql:2: unknown moment 'later'")]
    [InlineData("-- verify: a\n-- when: pre later\nSELECT 1", "a.sql:2: unknown moment 'later'")]
    [InlineData("-- verify: a\n-- when:\nSELECT 1", "a.sql:2: '-- when:' needs")]
    [InlineData("-- verify: a\n-- when: pre\n-- when: post\nSELECT 1", "a.sql:3: a second '-- when:'")]
    [InlineData("-- verify: a\n-- on: standby\nSELECT 1", "a.sql:2: unknown server 'standby'")]
    [InlineData("-- verify: a\n-- on: replica on: primary\nSELECT 1", "a.sql:2: a second '-- on:'")]
    [InlineData("-- verify: a\nSELECT 1\n-- when: pre", "a.sql:3: '-- when: pre' must stand between")]
    [InlineData("-- verify: a\n-- when: pre\n-- expect: same as before\nSELECT 1", "a.sql:1: 'a' is expected to be the same as before, and is never asked after")]
    [InlineData("-- verify: a\n-- severity: loud\nSELECT 1", "a.sql:2: unknown severity 'loud'")]
    [InlineData("-- verify: a\n-- severity: warn\n-- severity: warn\nSELECT 1", "a.sql:3: a second '-- severity:'")]
    [InlineData("-- verify: a\n-- timeout: soon\nSELECT 1", "a.sql:2: unknown time 'soon'")]
    [InlineData("-- verify: a\n-- timeout: 0s\nSELECT 1", "a.sql:2: unknown time '0s'")]
    [InlineData("-- verify: a\nSELECT 1\n-- timeout: 5s", "a.sql:3: '-- timeout: 5s' must stand between")]
    public void A_header_that_is_not_understood_is_refused_by_its_line(string sql, string words) =>
        Should.Throw<DeployOpsException>(() => ValidationFile.Parse(new SqlFile("a.sql", Encoding.UTF8.GetBytes(sql)))).Message.ShouldStartWith(words);

    [Fact]
    public void Each_query_has_its_name_its_line_and_its_expectation()
    {
        var queries = Parse("""
            -- Orders after the migration. See: the plan.
            -- verify: no orphan order lines
            -- expect: no rows
            SELECT id FROM order_line
            WHERE note <> '-- verify: not a header';

              --VERIFY: enough orders
            -- every shop has some
            -- expect:   >=  1000
            SELECT count(*) FROM orders -- note: all of them
            """);

        queries.Select(query => (query.Name, query.Line, query.Expectation.Text)).ShouldBe([("no orphan order lines", 4, "no rows"), ("enough orders", 10, ">= 1000")]);
        queries[0].Sql.ShouldBe("SELECT id FROM order_line\nWHERE note <> '-- verify: not a header'");
        queries[1].Sql.ShouldBe("SELECT count(*) FROM orders");
        queries[0].File.ShouldBe("orders.sql");
    }

    [Fact]
    public void A_file_without_a_header_is_one_query_of_which_nothing_is_expected()
    {
        var query = Parse("-- Look at https://example.org/orders\nSELECT status FROM orders;").ShouldHaveSingleItem();

        query.Name.ShouldBe("orders");
        query.Expectation.Form.ShouldBe(ValidationForm.Unstated);
        query.Expectation.Text.ShouldBe("runs");
    }

    [Theory]
    [InlineData(SqlDialect.PostgreSql, "SELECT $$a;b$$ AS x")]
    [InlineData(SqlDialect.PostgreSql, @"SELECT E'it\'s; -- verify: no header'")]
    [InlineData(SqlDialect.PostgreSql, "SELECT 1 /* /* ; */\n-- verify: still a comment\n*/")]
    [InlineData(SqlDialect.MariaDb, @"SELECT 'it\'s; one' # and; a comment")]
    [InlineData(SqlDialect.Sqlite, "SELECT [a;b] FROM orders")]
    public void Where_a_query_ends_is_for_the_dialect_to_say(SqlDialect dialect, string sql)
    {
        var queries = Parse($"-- verify: a\n-- expect: runs\n{sql}\n;\n-- verify: b\nSELECT 2;", dialect);

        queries.Select(query => (query.Name, query.Line)).ShouldBe([("a", 3), ("b", 6 + sql.Count(letter => letter == '\n'))]);
        queries[0].Sql.ShouldStartWith("SELECT");
    }

    [Theory]
    [InlineData("-- verify: a\nSELECT 1;\n\n-- verify: b\nSELECT 'open;", 5, "a string begins here")]
    [InlineData("-- verify: a\nSELECT 1;\n\n-- verify: b\n\\set x 1\n", 5, "\\set")]
    public void What_the_dialect_cannot_cut_is_told_with_its_line(string text, int line, string words)
    {
        var error = Should.Throw<DeployOpsException>(() => Parse(text, SqlDialect.PostgreSql));

        error.ErrorId.ShouldBe("ValidationFileInvalid");
        error.Message.ShouldStartWith($"orders.sql:{line}: ");
        error.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("-- verfy: a\nSELECT 1;", 1, "unknown header 'verfy'")]
    [InlineData("-- verify: a\n-- expekt: 1\nSELECT 1;", 2, "unknown header 'expekt'")]
    [InlineData("-- verify: a\n-- expect: around 5\nSELECT 1;", 2, "unknown expectation 'around 5'")]
    [InlineData("-- verify: a\n-- expect:\nSELECT 1;", 2, "unknown expectation ''")]
    [InlineData("-- verify:\nSELECT 1;", 1, "needs a name")]
    [InlineData("-- expect: 1\nSELECT 1;", 1, "must stand between")]
    [InlineData("-- a remark\n-- expect: 1\nSELECT 1;", 2, "must stand between")]
    [InlineData("-- verify: a\nSELECT 1\n-- expect: 1\n;", 3, "must stand between")]
    [InlineData("-- verify: a\n-- expect: 1\n-- expect: 2\nSELECT 1;", 3, "a second '-- expect:'")]
    [InlineData("-- verify: a\n-- expect: 1\n-- verify: b\nSELECT 1;", 1, "'a' has no query")]
    [InlineData("-- verify: a\nSELECT 1;\nSELECT 2;", 3, "a second statement under 'a'")]
    [InlineData("SELECT 1;\n-- verify: a\nSELECT 2;", 1, "before the first")]
    [InlineData("SELECT 1;\n\nSELECT 2;", 3, "a second statement")]
    [InlineData("-- verify: a\nSELECT 1;\n-- verify: A\nSELECT 2;", 4, "the name of two queries")]
    [InlineData("-- nothing here", 1, "has no query")]
    [InlineData("", 1, "has no query")]
    public void A_mistake_is_told_with_its_line(string text, int line, string words)
    {
        var error = Should.Throw<DeployOpsException>(() => Parse(text));

        error.ErrorId.ShouldBe("ValidationFileInvalid");
        error.Message.ShouldStartWith($"orders.sql:{line}: ");
        error.Message.ShouldContain(words);
    }

    [Fact]
    public void What_is_not_UTF_8_text_is_refused() =>
        Should.Throw<DeployOpsException>(() => ValidationFile.Parse(new SqlFile("orders.sql", new byte[] { 0xFF, 0xFE }))).ErrorId.ShouldBe("ValidationFileInvalid");

    private static IReadOnlyList<ValidationQuery> Parse(string text, SqlDialect dialect = SqlDialect.Sqlite) => ValidationFile.Parse(new SqlFile("orders.sql", Encoding.UTF8.GetBytes(text)), dialect);
}
