using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>A restored database takes the place of the live one, or does not, and what is told of it is what happened.</summary>
public sealed class PostgreSqlExchangeTests(PostgreSqlCluster cluster) : IClassFixture<PostgreSqlCluster>
{
    private const string Orders = "CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_is_lost_at_the_exchange_is_told_as_it_ended(bool delivers)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var wire = new PostgreSqlWire(cluster.Port);
        var backups = shop.Open(connectionString: wire.Over(shop.ConnectionString)).Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        (wire.CutsAt, wire.Delivers) = ("RENAME TO", delivers);

        var error = await Record.ExceptionAsync(() => backups.RestoreAsync(file, taken, default));

        if (delivers)
        {
            error.ShouldBeNull();
        }
        else
        {
            var refused = error.ShouldBeOfType<DeployOpsException>();
            refused.ErrorId.ShouldBe("RestoreFailed");
            refused.Message.ShouldContain("It is as it was before.");
        }

        (await shop.HasAsync("later")).ShouldBe(!delivers);
        await NothingIsLeftAsync(shop);
    }

    [Theory]
    [InlineData("FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname", "whether it subscribes to other servers could not be asked: ")]
    [InlineData("DROP DATABASE IF EXISTS", "could not be dropped: ")]
    public async Task A_connection_that_is_lost_after_the_exchange_does_not_say_that_it_failed(string cutsAt, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var wire = new PostgreSqlWire(cluster.Port);
        var backups = shop.Open(connectionString: wire.Over(shop.ConnectionString)).Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        wire.CutsAt = cutsAt;

        var told = await backups.RestoreAsync(file, taken, counted: null, default);

        told.ShouldContain(words);
        (await shop.HasAsync("later")).ShouldBeFalse();
        await shop.Open().Backups.ReadBackAsync(file, default);
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task What_cannot_be_asked_is_told_as_unknown_with_how_to_see_it()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var wire = new PostgreSqlWire(cluster.Port) { StaysDown = true, CutsAt = "RENAME TO", Delivers = true };
        var backups = shop.Open(connectionString: wire.Over(shop.ConnectionString)).Backups;
        var (file, taken) = await BackUpAsync(shop, backups);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default));

        error.ErrorId.ShouldBe("RestoreUnknown");
        error.Message.ShouldContain("SELECT datname, datallowconn FROM pg_database");
        error.Message.ShouldNotContain("It is as it was before.");
        (await shop.HasAsync("later")).ShouldBeFalse();
        // The next run drops what this one could not.
        await shop.UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'deployops/scratch')");
        await shop.Open().Backups.ReadBackAsync(file, default);
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task An_application_that_connects_again_and_again_does_not_keep_the_exchange_from_happening()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        using var stop = new CancellationTokenSource();
        var connecting = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ConnectAsync(shop, stop.Token)));

        await backups.RestoreAsync(file, taken, default);
        await stop.CancelAsync();
        await connecting;

        (await shop.HasAsync("later")).ShouldBeFalse();
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task An_exchange_that_is_refused_leaves_no_copy_tells_why_and_lets_everybody_in_again()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.ExecuteAsync($"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'app'; ALTER DATABASE {shop.Name} OWNER TO {role}; ALTER TABLE orders OWNER TO {role}; GRANT CREATE ON SCHEMA public TO {role}");
        var backups = shop.Open(connectionString: $"{shop.ConnectionString};Username={role};Password=app").Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        // A session of a superuser, which the account may not end, keeps its database from being renamed.
        await using var user = await shop.ConnectAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default));

        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldMatch("(42501|55006)");
        error.Message.ShouldNotContain("25P02");
        error.Message.ShouldContain("It is as it was before.");
        (await shop.HasAsync("later")).ShouldBeTrue();
        await NothingIsLeftAsync(shop);
        await user.CloseAsync();
        await shop.ExecuteAsync($"ALTER DATABASE {shop.Name} OWNER TO postgres; DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task A_database_that_a_killed_run_left_closed_is_opened_by_the_next()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await cluster.ExecuteAsync("CREATE DATABASE deployops_restore_0000000000ef");
        await cluster.ExecuteAsync($"COMMENT ON DATABASE deployops_restore_0000000000ef IS 'deployops closed {shop.Name}'");
        await cluster.ExecuteAsync($"ALTER DATABASE {shop.Name} ALLOW_CONNECTIONS false");
        await using var other = await cluster.CreateAsync(Orders);
        var backups = other.Open().Backups;
        var (file, _) = await BackUpAsync(other, backups);

        await backups.ReadBackAsync(file, default);

        (await shop.HasAsync("orders")).ShouldBeTrue();
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task A_restore_that_was_cut_off_while_the_database_was_closed_is_counted_and_done_by_the_next_run()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var wire = new PostgreSqlWire(cluster.Port) { StaysDown = true, CutsAt = "RENAME TO" };
        var backups = shop.Open(connectionString: wire.Over(shop.ConnectionString)).Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        (await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, default))).ErrorId.ShouldBe("RestoreUnknown");
        (await Should.ThrowAsync<PostgresException>(shop.ConnectAsync())).SqlState.ShouldBe("55000");

        // As a rollback does: it counts before it does anything else.
        var next = shop.Open().Backups;
        var now = await next.FingerprintAsync(taken, default);
        (await shop.HasAsync("later")).ShouldBeTrue();
        await next.RestoreAsync(file, taken, now, default);

        (await shop.HasAsync("later")).ShouldBeFalse();
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task What_is_closed_for_a_restore_that_goes_on_is_not_opened_before_that_has_ended()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var copy = $"deployops_restore_{Guid.NewGuid().ToString("N")[..12]}";
        await using var other = await cluster.CreateAsync();
        await using var keeper = await other.ConnectAsync();
        await new NpgsqlCommand($"SELECT pg_advisory_lock_shared(hashtextextended('deployops:{copy}', 0))", keeper).ExecuteNonQueryAsync();
        await cluster.ExecuteAsync($"CREATE DATABASE {copy}");
        await cluster.ExecuteAsync($"COMMENT ON DATABASE {copy} IS 'deployops closed {shop.Name}'");
        await cluster.ExecuteAsync($"ALTER DATABASE {shop.Name} ALLOW_CONNECTIONS false");

        var mending = shop.Open().Backups.MendAsync(default);
        await Task.Delay(TimeSpan.FromSeconds(1));
        (await Should.ThrowAsync<PostgresException>(shop.ConnectAsync())).SqlState.ShouldBe("55000");
        await keeper.CloseAsync();
        await mending;

        (await shop.HasAsync("orders")).ShouldBeTrue();
        await cluster.ExecuteAsync($"DROP DATABASE IF EXISTS {copy}");
    }

    [Fact]
    public async Task One_that_somebody_else_closed_stays_closed()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await cluster.ExecuteAsync($"ALTER DATABASE {shop.Name} ALLOW_CONNECTIONS false");
        var backups = shop.Open().Backups;

        await backups.MendAsync(default);

        (await Should.ThrowAsync<DeployOpsException>(backups.FingerprintAsync(default))).ErrorId.ShouldBe("DatabaseUnreachable");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public async Task Who_was_taken_over_while_the_copy_was_filled_or_the_live_one_was_closed_exchanges_nothing(int look, bool isCounted)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        await shop.ExecuteAsync("INSERT INTO orders VALUES (2)");
        var agreed = isCounted ? new AgreedLoss(await backups.FingerprintAsync(taken, default)) : null;

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, Restores.TakenOverAt(look, agreed), default));

        error.ErrorId.ShouldBe("EpochStale");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(2L);
        await NothingIsLeftAsync(shop);
        await backups.RestoreAsync(file, taken, Restores.TakenOverAt(3, agreed), default);
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(1L);
    }

    [Fact]
    public async Task What_was_written_after_it_was_counted_is_not_lost()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        await shop.ExecuteAsync("INSERT INTO orders VALUES (2)");
        var counted = await backups.FingerprintAsync(taken, default);
        await shop.ExecuteAsync("INSERT INTO orders VALUES (3)");
        await using var user = await shop.ConnectAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, counted, default));

        error.ErrorId.ShouldBe("RestoreLosesMore");
        error.Message.ShouldContain($"{shop.Name}.public.orders has 3 rows, 2 then. Connected to it: test (role postgres, 127.0.0.1). It is as it was before and serves.");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(3L);
        await NothingIsLeftAsync(shop);
        (await backups.RestoreAsync(file, taken, await backups.FingerprintAsync(taken, default), default)).ShouldBeEmpty();
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(1L);
    }

    [Fact]
    public async Task Whoever_writes_until_the_last_moment_loses_nothing_that_was_not_counted()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        using var stop = new CancellationTokenSource();
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => WriteAsync(shop, stop.Token)));
        await shop.UntilAsync("SELECT count(*) > 20 FROM orders");

        var error = await Should.ThrowAsync<DeployOpsException>(async () => await backups.RestoreAsync(file, taken, await backups.FingerprintAsync(taken, default), default));
        await stop.CancelAsync();
        var written = (await writing).Sum();

        error.ErrorId.ShouldBe("RestoreLosesMore");
        ((long)(await shop.ScalarAsync("SELECT count(*) FROM orders"))!).ShouldBeGreaterThanOrEqualTo(1 + written);
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task Whoever_accepts_later_losses_too_is_told_of_them_and_who_writes_past_the_router_keeps_nothing_from_being_restored()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        var counted = await backups.FingerprintAsync(taken, default);
        using var stop = new CancellationTokenSource();
        var writing = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => WriteAsync(shop, stop.Token)));
        await shop.UntilAsync("SELECT count(*) > 20 FROM orders");

        var told = await backups.RestoreAsync(file, taken, counted, default, alsoLater: true);
        await stop.CancelAsync();
        await writing;

        told.ShouldMatch($@"what was written while it was restored is lost too, as was accepted: {shop.Name}\.public\.orders has [0-9]+ rows, 1 then(; [0-9]+ rows were changed after that, until nobody could connect any more)?\. Connected to it: test \(role postgres, 127\.0\.0\.1\)\.");
        (await shop.HasAsync("later")).ShouldBeFalse();
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE x <> 9")).ShouldBe(1L);
        await NothingIsLeftAsync(shop);
    }

    [Fact]
    public async Task A_logical_replication_slot_is_named_as_lost_and_one_made_later_keeps_the_restore_from_happening()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        var slot = $"feed_{shop.Name}";
        var counted = await backups.FingerprintAsync(taken, default);
        await shop.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')");

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, counted, default));
        var now = await backups.FingerprintAsync(taken, default);
        await backups.RestoreAsync(file, taken, now, default);

        var words = $"shop: the logical replication slot {slot} goes with the database that is replaced, and whoever reads it has to begin anew";
        error.ErrorId.ShouldBe("RestoreLosesMore");
        error.Message.ShouldContain(words[6..]);
        DataLoss.Of("shop", taken, now).ShouldContain(words);
        (await shop.ScalarAsync($"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{slot}'")).ShouldBe(0L);
    }

    [Fact]
    public async Task It_is_told_what_a_restore_is_at()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);
        var told = new List<string>();

        await backups.RestoreAsync(file, taken, new RestoreTerms { Progress = told.Add }, default);

        told.ShouldBe(["filling the copy", "comparing the copy", "exchanging"]);
    }

    [Fact]
    public async Task A_restored_database_stays_in_its_tablespace()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var space = $"space_{shop.Name}";
        var folder = await cluster.MakeFolderAsync(space);
        await cluster.ExecuteAsync($"CREATE TABLESPACE {space} LOCATION '{folder}'");
        await cluster.ExecuteAsync($"ALTER DATABASE {shop.Name} SET TABLESPACE {space}");
        var backups = shop.Open().Backups;
        var (file, taken) = await BackUpAsync(shop, backups);

        await backups.RestoreAsync(file, taken, default);

        (await shop.ScalarAsync("SELECT spcname::text FROM pg_tablespace t JOIN pg_database d ON d.dattablespace = t.oid WHERE d.datname = current_database()")).ShouldBe(space);
        (await shop.HasAsync("later")).ShouldBeFalse();
        await cluster.ExecuteAsync($"ALTER DATABASE {shop.Name} SET TABLESPACE pg_default");
        await cluster.ExecuteAsync($"DROP TABLESPACE {space}");
    }

    private static async Task<int> WriteAsync(PostgreSqlShop shop, CancellationToken token)
    {
        var written = 0;
        while (!token.IsCancellationRequested)
        {
            try
            {
                await using var connection = await shop.ConnectAsync();
                for (; !token.IsCancellationRequested; written++)
                {
                    await new NpgsqlCommand("INSERT INTO orders VALUES (9)", connection).ExecuteNonQueryAsync(CancellationToken.None);
                }
            }
            catch (NpgsqlException)
            {
                // Disconnected, or kept away.
            }
        }

        return written;
    }

    private static async Task<(string File, DatabaseFingerprint Taken)> BackUpAsync(PostgreSqlShop shop, IBackupTarget backups)
    {
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("CREATE TABLE later (x int)");
        return (file, taken);
    }

    private static async Task NothingIsLeftAsync(PostgreSqlShop shop)
    {
        (await shop.ScalarAsync("SELECT datallowconn FROM pg_database WHERE datname = current_database()")).ShouldBe(true);
        (await shop.ScalarAsync("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")).ShouldBe(DBNull.Value);
        await shop.UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname ~ '^deployops_(restore|replaced)_')");
    }

    private static async Task ConnectAsync(PostgreSqlShop shop, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                await using var connection = await shop.ConnectAsync();
                await new NpgsqlCommand("SELECT pg_sleep(0.05)", connection).ExecuteNonQueryAsync(CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // Disconnected, or kept away.
            }
        }
    }
}
