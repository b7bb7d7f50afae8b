using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>Prepared transactions keep a database from being exchanged, though nobody is in it: that is told before anybody is disconnected for nothing.</summary>
public sealed class PostgreSqlPreparedTests : IAsyncDisposable
{
    private const string Prepare = "BEGIN; INSERT INTO orders VALUES (2); PREPARE TRANSACTION 'paid ''early'''";
    private const string Why = "transactions that were prepared in it are open, and keep it from being exchanged: 'paid ''early''' of postgres since ";
    private readonly PostgreSqlCluster cluster = new() { Options = ["-c", "max_prepared_transactions=5"] };

    [Fact]
    public async Task A_prepared_transaction_is_named_when_a_backup_is_taken_and_before_one_is_restored()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);
        (await backups.FindHindranceAsync(default)).ShouldBeNull();
        await shop.ExecuteAsync(Prepare);
        (await backups.FindHindranceAsync(default)).ShouldBeNull();

        // Before a copy is made only such as nobody is about to end; it is looked again for all before the database is closed.
        var young = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default));
        await shop.UntilAsync("SELECT now() - prepared > '5 s' FROM pg_prepared_xacts");
        var hindrance = await backups.FindHindranceAsync(default);
        var old = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default));

        foreach (var error in new[] { young, old })
        {
            (error.ErrorId, error.IsAsBefore).ShouldBe(("RestoreFailed", true));
            error.Message.ShouldContain(Why);
            error.Message.ShouldContain(" UTC. It is as it was before. End each, connected to it, by COMMIT PREPARED or ROLLBACK PREPARED with its name");
        }

        hindrance.ShouldNotBeNull().Why.ShouldStartWith(Why);
        (await shop.ScalarAsync("SELECT datallowconn AND NOT EXISTS (SELECT FROM pg_database WHERE datname ~ '^deployops_') FROM pg_database WHERE datname = current_database()")).ShouldBe(true);
        await shop.ExecuteAsync("ROLLBACK PREPARED 'paid ''early'''");
        await backups.RestoreAsync(file, taken, default);
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(1L);
    }

    [Fact]
    public async Task One_that_is_prepared_while_the_database_is_closed_is_named_and_lets_everybody_in_again()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);
        var looks = 0;
        var terms = new RestoreTerms { BeforeReplacing = () => _ = looks++ > 0 ? 0 : PrepareAsync(shop).GetAwaiter().GetResult() };

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, terms, default));

        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldContain(Why);
        await shop.ExecuteAsync("COMMIT PREPARED 'paid ''early'''");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(2L);
    }

    private static async Task<int> PrepareAsync(PostgreSqlShop shop)
    {
        await shop.ExecuteAsync(Prepare);
        return 1;
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
