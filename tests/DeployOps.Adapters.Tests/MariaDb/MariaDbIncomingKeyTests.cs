using DeployOps.Adapters.MariaDb;
using DeployOps.Backups;
using static DeployOps.Adapters.Tests.MariaDb.MariaDbBackupBench;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>Foreign keys of other databases follow the tables that a restore replaces, and would lead to nothing once these are dropped: it is refused, and told as early as it can be.</summary>
[Collection(OneAfterAnother)]
public sealed class MariaDbIncomingKeyTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1); CREATE TABLE order_items (placed int, CONSTRAINT own FOREIGN KEY (placed) REFERENCES orders (id))";

    [Fact]
    public async Task A_restore_that_foreign_keys_of_another_database_would_not_follow_is_refused()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var billing = await cluster.CreateAsync();
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await billing.ExecuteAsync(Invoice(shop));

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default));

        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldContain(
            $"foreign keys of other databases lead into it, and would lead to what is replaced: of_order of {billing.Name}.in-voice. It is as it was before. "
            + $"Drop them first, and make them again when it is restored: ALTER TABLE `{billing.Name}`.`in-voice` DROP FOREIGN KEY `of_order`.");
        (await ScratchAsync(shop)).ShouldBe("0");
        await billing.ExecuteAsync("INSERT INTO `in-voice` VALUES (1, 1); ALTER TABLE `in-voice` DROP FOREIGN KEY of_order");
        await backups.RestoreAsync(file, taken, default);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("1");
    }

    [Fact]
    public async Task A_foreign_key_that_was_made_while_the_copy_was_filled_is_seen_before_anything_is_dropped()
    {
        await using var shop = await cluster.CreateAsync($"{Orders}; CREATE TRIGGER note BEFORE INSERT ON orders FOR EACH ROW SET NEW.id = NEW.id");
        await using var billing = await cluster.CreateAsync();
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            await billing.ExecuteAsync(Invoice(shop));
            var swap = new MariaDbSwap(Server(shop), scratch);

            (await Should.ThrowAsync<DeployOpsException>(swap.TakePlaceAsync(default))).Message.ShouldContain($"of_order of {billing.Name}.in-voice");

            swap.Left.ShouldBe("It is as it was before.");
        }

        await billing.ExecuteAsync("INSERT INTO `in-voice` VALUES (1, 1)");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()")).ShouldBe("1");
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task A_backup_that_the_plan_goes_back_by_is_refused_where_it_could_not_be_put_back()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var billing = await cluster.CreateAsync();
        await billing.ExecuteAsync(Invoice(shop));
        using var reporter = new MariaDbMigrator(shop);
        var file = shop.PathOf("backup.sql");

        var error = await Should.ThrowAsync<DeployOpsException>(new BackupRunner(shop.Open().Backups, reporter, TimeProvider.System) { GoesBackByIt = true }.TakeAsync("shop", file, default));
        var existed = File.Exists(file);
        await new BackupRunner(shop.Open().Backups, reporter, TimeProvider.System).TakeAsync("shop", file, default);

        (error.ErrorId, existed).ShouldBe(("BackupFailed", false));
        error.Message.ShouldStartWith($"The plan goes back by the backup of shop, which could not be put back as things are: foreign keys of other databases lead into it, and would lead to what is replaced: of_order of {billing.Name}.in-voice. Drop them first");
        reporter.Warnings.ShouldHaveSingleItem().ShouldStartWith("shop: its backup could not be put back as things are: foreign keys of other databases lead into it");
    }

    [Fact]
    public async Task An_account_that_is_not_shown_foreign_keys_of_others_restores_nothing()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var file = shop.PathOf("backup.sql");
        var taken = await shop.Open().Backups.BackupAsync(file, default);
        var user = $"few_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO {user} IDENTIFIED BY 'few'; GRANT ALL ON `deployops\\_%`.* TO {user}");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: $"{shop.ConnectionString};User ID={user};Password=few").Backups.RestoreAsync(file, taken, default));

        await cluster.ExecuteAsync($"DROP USER {user}");
        error.Message.ShouldContain("whether foreign keys of other databases lead into it is not shown to this account, and they would lead to what is replaced. It is as it was before. Grant the account PROCESS.");
    }

    private static string Invoice(MariaDbShop shop) => $"CREATE TABLE `in-voice` (id int PRIMARY KEY, placed int, CONSTRAINT of_order FOREIGN KEY (placed) REFERENCES {shop.Name}.orders (id))";
}
