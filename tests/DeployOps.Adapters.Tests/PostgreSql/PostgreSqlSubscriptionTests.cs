using DeployOps.Backups;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlSubscriptionTests(PostgreSqlScratchTests.Other other) : IClassFixture<PostgreSqlScratchTests.Other>
{
    // Enabled: the server connects to its publisher again and again, which is nobody.
    private const string Subscribed = """
        CREATE TABLE orders (id int PRIMARY KEY, total int); INSERT INTO orders SELECT i, i FROM generate_series(1, 100) i;
        CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere connect_timeout=1' PUBLICATION all_orders WITH (connect = false, slot_name = 'feed');
        ALTER SUBSCRIPTION feed ENABLE;
        """;

    [Fact]
    public async Task A_copy_subscribes_to_nobody_and_can_be_dropped()
    {
        await using var shop = await other.Cluster.CreateAsync(Subscribed);
        try
        {
            var backups = shop.Open().Backups;
            var file = shop.PathOf("backup.dump");
            var taken = await backups.BackupAsync(file, default);
            var observer = new RecordedProof();
            string? onCopy = null;

            var read = await backups.ReadBackAsync(
                file,
                observer,
                async (copy, _) => onCopy = (await copy.Validations.QueryAsync("SELECT count(*) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())", 1, text => text, default)).Scalar,
                default);

            (await ContentsAsync(file)).ShouldContain("SUBSCRIPTION - feed");
            onCopy.ShouldBe("0");
            BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
            observer.WasLeft.ShouldBeEmpty();
            (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
            (await shop.ScalarAsync("SELECT subenabled FROM pg_subscription")).ShouldBe(true, "the live one goes on");
        }
        finally
        {
            await EndAsync(shop);
        }
    }

    [Fact]
    public async Task A_restore_leaves_the_subscription_disabled_takes_the_replaced_one_away_and_says_what_is_missing()
    {
        await using var shop = await other.Cluster.CreateAsync(Subscribed);
        try
        {
            var backups = shop.Open().Backups;
            var file = shop.PathOf("backup.dump");
            var taken = await backups.BackupAsync(file, default);
            await shop.ExecuteAsync("DELETE FROM orders WHERE id > 5");
            var told = new List<string>();

            await backups.RestoreAsync(file, taken, new RestoreTerms { Warn = told.Add }, default);

            (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(100L);
            (await shop.ScalarAsync("SELECT string_agg(format('%s %s %s %s', d.datname = current_database(), s.subname, s.subenabled, s.subslotname), ', ') FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"))
                .ShouldBe("t feed f feed");
            (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
            told.ShouldHaveSingleItem().ShouldContain(" subscribes to other servers (feed), restored disabled: what they sent since the backup is not in it, and they do not send it again.");
        }
        finally
        {
            await EndAsync(shop);
        }
    }

    [Fact]
    public async Task A_restore_that_fails_drops_what_it_made_though_that_has_a_subscription()
    {
        await using var shop = await other.Cluster.CreateAsync(Subscribed);
        try
        {
            var backups = shop.Open().Backups;
            var file = shop.PathOf("backup.dump");
            var taken = await backups.BackupAsync(file, default);
            var told = new List<string>();

            var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken with { Schema = "another" }, new RestoreTerms { Warn = told.Add }, default));

            error.ErrorId.ShouldBe("RestoreFailed");
            told.ShouldBeEmpty();
            (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
            (await shop.ScalarAsync("SELECT string_agg(subenabled::text, ',') FROM pg_subscription")).ShouldBe("true");
        }
        finally
        {
            await EndAsync(shop);
        }
    }

    private static async Task<string> ContentsAsync(string file)
    {
        using var list = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Path.Combine(PostgreSqlCluster.Binaries!, "pg_restore"), ["--list", file]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        return await list.StandardOutput.ReadToEndAsync();
    }

    // With it the database could not be dropped.
    private static async Task EndAsync(PostgreSqlShop shop)
    {
        await shop.ExecuteAsync("ALTER SUBSCRIPTION feed DISABLE");
        await shop.ExecuteAsync("ALTER SUBSCRIPTION feed SET (slot_name = NONE)");
        await shop.ExecuteAsync("DROP SUBSCRIPTION feed");
    }
}
