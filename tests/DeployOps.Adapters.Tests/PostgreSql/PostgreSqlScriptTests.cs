using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>Scripts that other runners break on, each with what it must have done.</summary>
public sealed class PostgreSqlScriptTests(PostgreSqlCluster cluster)
{
    private const string Orders = """
        CREATE TABLE orders (id int PRIMARY KEY, total numeric, note text); INSERT INTO orders SELECT i, i, 'n' || i FROM generate_series(1, 100) i;
        CREATE TYPE mood AS ENUM ('good'); CREATE TABLE moods (m mood);
        CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 101..103 LOOP INSERT INTO orders VALUES (i); COMMIT; END LOOP; END $$;
        """;

    public static TheoryData<string, string, bool> Scripts => new()
    {
        { "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; /* ; */ END; $body$;", "SELECT f() = 1", true },
        { "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN a ELSE 0 END; END;\nCREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO orders VALUES (999); DELETE FROM orders WHERE id = 1; END;", "SELECT f(3) = 3", true },
        { "COPY orders (id, total, note) FROM stdin;\n1001\t1.5\ta;b\n1002\t\\N\t'quote\n\\.\nUPDATE orders SET total = 7 WHERE id = 1002;\n", "SELECT count(*) = 2 AND max(total) = 7 FROM orders WHERE id > 1000", true },
        { "CREATE INDEX CONCURRENTLY orders_note ON orders (note);", "SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_note'::regclass", false },
        { "SET lock_timeout = '5s';\nSET statement_timeout = '1min';\nCREATE INDEX CONCURRENTLY ON orders (note);\nDROP INDEX CONCURRENTLY orders_note_idx;\n", "SELECT to_regclass('orders_note_idx') IS NULL", false },
        { "CALL fill();", "SELECT count(*) = 103 FROM orders", false },
        { "VACUUM (ANALYZE) orders;\nREINDEX TABLE CONCURRENTLY orders;", "SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'orders'::regclass", false },
        { "ALTER TYPE mood ADD VALUE 'bad';\nINSERT INTO moods VALUES ('bad');", "SELECT count(*) = 1 FROM moods WHERE m = 'bad'", false },
        { "-- deployops: transaction=none\nALTER TYPE mood ADD VALUE 'bad';\nINSERT INTO moods VALUES ('bad');", "SELECT count(*) = 1 FROM moods WHERE m = 'bad'", false },
        { "BEGIN;\nUPDATE orders SET total = 0 WHERE id = 1;\nSAVEPOINT a;\nDELETE FROM orders;\nROLLBACK TO a;\nCOMMIT;\n", "SELECT count(*) = 100 AND min(total) = 0 FROM orders", false },
        { "BEGIN;\nDELETE FROM orders;\nROLLBACK;\n", "SELECT count(*) = 100 FROM orders", false },
        { "-- deployops: transaction=none\nDO $$ BEGIN DELETE FROM orders WHERE id = 1; COMMIT; DELETE FROM orders WHERE id = 2; END $$;", "SELECT count(*) = 98 FROM orders", false },
        { "UPDATE orders SET note = '$2y$13$abc;' WHERE id = 1;", "SELECT note = '$2y$13$abc;' FROM orders WHERE id = 1", true },
        { "CREATE TABLE x$y$z (a$b int); INSERT INTO x$y$z VALUES (1);", "SELECT a$b = 1 FROM x$y$z", true },
        { "INSERT INTO orders VALUES (1000, 1, E'it\\'s; ''fine') /* a /* nested; */ comment */; -- end;", "SELECT note = 'it''s; ''fine' FROM orders WHERE id = 1000", true },
        { "INSERT INTO orders VALUES (1000, 1, ':a @b $1 ? {0}');", "SELECT note = ':a @b $1 ? {0}' FROM orders WHERE id = 1000", true },
        { "DO $$ BEGIN PERFORM 1; END $$;\nSELECT setting FROM pg_settings;", "SELECT true", true },
        // A string goes on where the next one begins on another line, by the rules of the first; psql's own lexer does not see it.
        { "INSERT INTO orders VALUES (1000, 1, E'it\\'s'\n  'n\\'t; one'\n'\\x21');\nDELETE FROM orders WHERE id = 1;", "SELECT note = 'it''sn''t; one!' AND (SELECT count(*) FROM orders) = 100 FROM orders WHERE id = 1000", true },
        { "INSERT INTO orders VALUES (1000, 1, U&'d!0061t;a' UESCAPE '!');\nCREATE TABLE U&\"\\0061;b\" (U&\"!0063\" UESCAPE '!' int);\nCREATE RULE two AS ON DELETE TO moods DO ALSO (INSERT INTO orders VALUES (1001); DELETE FROM orders WHERE id = 1);\nDELETE FROM moods;", "SELECT note = 'dat;a' AND to_regclass('\"a;b\"') IS NOT NULL FROM orders WHERE id = 1000", true },
        { "-- nothing\n", "SELECT true", true },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_script_does_what_it_does_in_psql(string sql, string holds, bool inTransaction)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", sql), "kim", default);

        (await shop.ScalarAsync(holds)).ShouldBe(true);
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
        (await shop.ScalarAsync("SELECT transactional FROM deployops.migration")).ShouldBe(inTransaction);
        MigrationTransactions.Find("V1__it.sql", SqlStatements.Read(sql, SqlDialect.PostgreSql)).ShouldBe(inTransaction ? MigrationTransaction.Tx : MigrationTransaction.NoTx);
    }

    [Theory]
    [InlineData("\\set x 1\nSELECT :x;", "SqlMetaCommand", "V1__it.sql:1: ")]
    [InlineData("DELETE FROM orders;\nVACUUM orders;", "MigrationTransactionMixed", "V1__it.sql:2: ")]
    [InlineData("-- deployops: transaction=none\nBEGIN;\nDELETE FROM orders;", "MigrationScriptFailed", "begins a transaction and does not end it")]
    [InlineData("-- deployops: transaction=script\nDELETE FROM orders;\nVACUUM orders;", "MigrationScriptFailed", "V1__it.sql:3: VACUUM cannot run inside a transaction block (25001). Nothing of the script is left.")]
    [InlineData("-- deployops: transaction=script\nDELETE FROM orders;\nCOMMIT;", "MigrationHeaderInvalid", "and COMMIT in line 3 would begin or end a transaction of its own")]
    public async Task What_cannot_be_run_is_refused_and_leaves_nothing(string sql, string errorId, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(async () => await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", sql), "kim", default));

        error.ErrorId.ShouldBe(errorId);
        error.Message.ShouldContain(words);
        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(100L);
    }
}
