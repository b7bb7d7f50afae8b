using DeployOps.Backups;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlPacedRestoreTests(PostgreSqlReplicatedCluster cluster) : IClassFixture<PostgreSqlReplicatedCluster>
{
    private const long Limit = 4 << 20;

    // Some 16 MB of rows that hardly compress, and what a careless restore in parts would lose or put in another order.
    private const string Large = """
        CREATE TABLE orders (id serial PRIMARY KEY, name text NOT NULL);
        INSERT INTO orders (name) SELECT (SELECT string_agg(md5((i * 100 + j)::text), '') FROM generate_series(1, 12) j) FROM generate_series(1, 40000) i;
        CREATE TABLE lines (order_id int NOT NULL REFERENCES orders, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE lines_2026 PARTITION OF lines FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        INSERT INTO lines SELECT i, '2026-01-01' FROM generate_series(1, 1000) i; CREATE INDEX lines_at ON lines (at);
        CREATE INDEX orders_name ON orders (md5(name)); CREATE UNIQUE INDEX orders_id ON orders (id DESC);
        CREATE MATERIALIZED VIEW names AS SELECT name FROM orders WHERE id < 2000; CREATE INDEX names_name ON names (md5(name));
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note(); COMMENT ON TRIGGER noted ON orders IS 'notes';
        CREATE RULE quiet AS ON DELETE TO lines DO INSTEAD NOTHING; ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY small ON orders USING (id < 10);
        SELECT setval('orders_id_seq', 100000); SELECT lo_from_bytea(0, 'large');
        """;

    [Fact]
    public async Task A_restore_beside_the_live_database_is_held_while_the_replica_is_behind_and_goes_on_once_it_has_caught_up()
    {
        await using var shop = await cluster.CreateAsync(Large);
        var backups = shop.Open(limits: new MigrationLimits { MaxLagBytes = Limit }).Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);
        var observer = new RecordedProof();
        await cluster.PauseAsync();

        var reading = backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, default);
        await observer.UntilAsync("held: ");
        await Task.Delay(TimeSpan.FromSeconds(3));
        var whileHeld = reading.IsCompleted;
        await cluster.ResumeAsync();
        var read = await reading;

        whileHeld.ShouldBeFalse();
        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        var evidence = observer.Evidence.ShouldNotBeNull();
        evidence.Holds.ShouldBeGreaterThan(0);
        evidence.Held.ShouldBeGreaterThan(TimeSpan.FromSeconds(2));
        evidence.PeakLagBytes.ShouldBeInRange(Limit, 4 * Limit);
        evidence.Fired[0].ShouldContain("the gate before more of the restore held for ");
        evidence.ToString().ShouldContain("restored on its own server, held for ");
        TestContext.Current.SendDiagnosticMessage("{0}; {1}", evidence, string.Join("; ", evidence.Fired));
    }

    [Fact]
    public async Task A_replica_that_stays_behind_leaves_unknown_what_the_backup_holds()
    {
        await using var shop = await cluster.CreateAsync(Large);
        var backups = shop.Open(limits: new MigrationLimits { MaxLagBytes = Limit, Hold = TimeSpan.FromSeconds(2) }).Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);
        var observer = new RecordedProof();
        await cluster.PauseAsync();

        DeployOpsException error;
        try
        {
            error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, default));
        }
        finally
        {
            await cluster.ResumeAsync();
        }

        error.ErrorId.ShouldBe("BackupProofUnknown");
        error.Message.ShouldContain("behind, at most 4 MiB and 10 s; held for 2");
        error.Message.ShouldContain("Name a server for proofs by Databases.Scratch");
        observer.Evidence!.Holds.ShouldBe(1);
        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_program_that_dies_while_it_is_held_is_noticed_within_a_second_and_speaks_not_against_the_backup()
    {
        await using var shop = await cluster.CreateAsync(Large);
        var backups = shop.Open(limits: new MigrationLimits { MaxLagBytes = Limit }).Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);
        var observer = new RecordedProof();
        var reading = backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, default);
        using var program = await ProgramAsync();
        await cluster.PauseAsync();
        try
        {
            await observer.UntilAsync("held: ");
            var killed = TimeProvider.System.GetTimestamp();
            program.Kill();
            var error = await Should.ThrowAsync<DeployOpsException>(reading.WaitAsync(TimeSpan.FromSeconds(20)));
            var took = TimeProvider.System.GetElapsedTime(killed);

            error.ErrorId.ShouldBe("BackupScratchFailed");
            error.Message.ShouldContain("pg_restore ended with exit code 137");
            took.ShouldBeLessThan(TimeSpan.FromSeconds(1));
            TestContext.Current.SendDiagnosticMessage("noticed after {0} ms", took.TotalMilliseconds);
        }
        finally
        {
            await cluster.ResumeAsync();
        }

        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
    }

    // The one that this process began and that reads the rows.
    private static async Task<System.Diagnostics.Process> ProgramAsync()
    {
        for (var look = 0; look < 1000; look++)
        {
            if (System.Diagnostics.Process.GetProcessesByName("pg_restore").FirstOrDefault(ReadsRows) is { } program)
            {
                return program;
            }

            await Task.Delay(10);
        }

        throw new InvalidOperationException("No pg_restore was begun within 10 s.");
    }

    private static bool ReadsRows(System.Diagnostics.Process process)
    {
        try
        {
            return File.ReadLines($"/proc/{process.Id}/status").Contains($"PPid:\t{Environment.ProcessId}") && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains("--section=data", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return false;
        }
    }

    [Fact]
    public async Task A_replica_that_goes_away_ends_the_restore()
    {
        await using var shop = await cluster.CreateAsync(Large);
        var backups = shop.Open(limits: new MigrationLimits { MaxLagBytes = Limit }).Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);
        var observer = new RecordedProof();
        await cluster.PauseAsync();

        var reading = backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, default);
        await observer.UntilAsync("held: ");
        await cluster.KillAsync();
        var error = await Should.ThrowAsync<DeployOpsException>(reading);

        error.ErrorId.ShouldBe("BackupProofUnknown");
        error.Message.ShouldContain("0 of 1 replica there; so at 3 looks in a row");
        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_restore_that_is_stopped_while_it_is_held_ends_at_once()
    {
        await using var shop = await cluster.CreateAsync(Large);
        var backups = shop.Open(limits: new MigrationLimits { MaxLagBytes = Limit }).Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);
        var observer = new RecordedProof();
        using var stop = new CancellationTokenSource();
        await cluster.PauseAsync();

        try
        {
            var reading = backups.ReadBackAsync(file, observer, (_, _) => Task.CompletedTask, stop.Token);
            await observer.UntilAsync("held: ");
            await stop.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(reading.WaitAsync(TimeSpan.FromSeconds(20)));
        }
        finally
        {
            await cluster.ResumeAsync();
        }

        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_dump_that_is_cut_off_is_refused_as_corrupt_also_where_it_is_restored_in_parts()
    {
        await using var shop = await cluster.CreateAsync(Large);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);
        var whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole[..(int)(whole.Length * 0.7)]);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupCorrupt");
    }
}
