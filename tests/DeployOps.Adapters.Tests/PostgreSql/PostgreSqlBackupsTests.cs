using System.Security.Cryptography;
using DeployOps.Adapters.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlBackupsTests(PostgreSqlCluster cluster) : IClassFixture<PostgreSqlCluster>
{
    // What a dump and its restore write otherwise, and what a careless comparison would not see.
    private const string Shop = """
        CREATE SCHEMA sales;
        CREATE TYPE sales.state AS ENUM ('open', 'paid');
        CREATE DOMAIN sales.amount AS numeric(10,2) CHECK (VALUE >= 0);
        CREATE TABLE sales."Order Lines" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone int, status varchar(10) CHECK (status IN ('open', 'paid')), total sales.amount,
            twice numeric GENERATED ALWAYS AS (total * 2) STORED, at timestamptz DEFAULT now(), ratio float8, picture bytea, doc jsonb, tags text[]);
        ALTER TABLE sales."Order Lines" DROP COLUMN gone;
        INSERT INTO sales."Order Lines" (status, total, ratio, picture, doc, tags)
            SELECT CASE i % 2 WHEN 0 THEN 'open' ELSE 'paid' END, i, i / 3.0, decode(md5(i::text), 'hex'), jsonb_build_object('n', i), ARRAY['a', i::text] FROM generate_series(1, 5000) i;
        CREATE UNIQUE INDEX lines_doc ON sales."Order Lines" ((doc ->> 'n')) WHERE status <> 'none';
        CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
        CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        INSERT INTO events SELECT '2026-01-01'::date + i, 'x' FROM generate_series(1, 100) i;
        CREATE TABLE twins (x int); INSERT INTO twins VALUES (1), (1), (2);
        CREATE TABLE empty ();
        CREATE VIEW paid AS SELECT l.id, l.total FROM sales."Order Lines" l WHERE l.status IN ('paid', 'old') AND l.total BETWEEN 1 AND 10;
        CREATE MATERIALIZED VIEW totals AS SELECT status, sum(total) FROM sales."Order Lines" GROUP BY status;
        CREATE FUNCTION one(a int DEFAULT 1) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a; END;
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER noted BEFORE INSERT ON twins FOR EACH ROW WHEN (NEW.x IN (1, 2)) EXECUTE FUNCTION note();
        CREATE RULE quiet AS ON DELETE TO twins DO INSTEAD NOTHING;
        CREATE STATISTICS lines_stat ON status, total FROM sales."Order Lines";
        ALTER TABLE twins ENABLE ROW LEVEL SECURITY; CREATE POLICY small ON twins USING (x < 10);
        GRANT SELECT ON twins TO PUBLIC; GRANT SELECT (x) ON twins TO pg_monitor WITH GRANT OPTION; COMMENT ON COLUMN twins.x IS 'a '' quote'; COMMENT ON TRIGGER noted ON twins IS 'notes';
        COMMENT ON SCHEMA public IS 'ours'; COMMENT ON FUNCTION one(int) IS 'one'; COMMENT ON INDEX sales.lines_doc IS 'by number'; COMMENT ON CONSTRAINT amount_check ON DOMAIN sales.amount IS 'never less';
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA sales REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT USAGE ON SEQUENCES TO pg_monitor;
        CREATE POLICY few ON twins FOR SELECT TO pg_monitor, pg_signal_backend USING (x < 5); CREATE PUBLICATION part FOR TABLE twins, events WITH (publish = 'insert'); CREATE PUBLICATION lines FOR TABLE sales."Order Lines" (id, ratio) WHERE (id > 5 AND ratio * 2 > 1) WITH (publish = 'insert');
        CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert'); CREATE PUBLICATION of_sales FOR TABLES IN SCHEMA sales WITH (publish = 'insert,truncate'); ALTER STATISTICS lines_stat SET STATISTICS 500; ALTER TABLE twins DISABLE TRIGGER noted, ALTER x SET STATISTICS 300;
        ALTER TABLE sales."Order Lines" SET (fillfactor = 70, toast.autovacuum_enabled = false), ALTER doc SET STORAGE EXTERNAL, ALTER status SET COMPRESSION pglz, REPLICA IDENTITY FULL, ALTER total SET (n_distinct = 100);
        ALTER TABLE sales."Order Lines" CLUSTER ON "Order Lines_pkey"; ALTER TABLE twins DISABLE RULE quiet; CREATE MATERIALIZED VIEW unfilled AS SELECT x FROM twins WITH NO DATA; CREATE TYPE place AS (street text, number int); REVOKE USAGE ON TYPE place FROM PUBLIC;
        CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi); CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric, INITCOND = '0'); CREATE OPERATOR public.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq, COMMUTATOR = OPERATOR(public.===));
        CREATE CAST (place AS text) WITH INOUT AS ASSIGNMENT; CREATE COLLATION mine FROM "C"; CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple, StopWords = 'english'); CREATE TEXT SEARCH CONFIGURATION search (COPY = simple);
        ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH words; CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER watched ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION noticed();
        ALTER EVENT TRIGGER watched DISABLE; ALTER TABLE empty OWNER TO pg_monitor; CREATE SEQUENCE counted OWNED BY twins.x;
        SELECT setval(pg_get_serial_sequence('sales."Order Lines"', 'id'), 7000);
        SELECT lo_from_bytea(0, 'large');
        """;

    // Each is a restore.
    private static readonly int Flips = Environment.GetEnvironmentVariable("DEPLOYOPS_FULL") == "1" ? 100 : 6;

    [Fact]
    public async Task A_backup_reads_back_as_what_was_dumped_and_leaves_no_scratch()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");

        var taken = await backups.BackupAsync(file, default);
        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        taken.Tables.Select(table => $"{table.Name} {table.Rows}").ShouldBe(["public.empty 0", "public.events_2026 100", "public.twins 3", "sales.\"Order Lines\" 5000", "large objects 1"]);
        taken.Sequences.ShouldBe([new SequenceFingerprint("public.counted", "not called"), new SequenceFingerprint("sales.\"Order Lines_id_seq\"", "7000")]);
        Directory.GetFiles(shop.Folder).ShouldBe([file]);
        (OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)).ShouldBeTrue();
        (await ScratchAsync(shop)).ShouldBe(0L);
    }

    [Theory]
    [InlineData(-100, " of its disk are free, and about ")]
    [InlineData(100, "No space left on device")]
    public async Task A_disk_that_is_too_small_is_told_before_and_one_that_becomes_full_meanwhile(int kilobytes, string words)
    {
        // Of hashes within their rows compression makes no half.
        await using var shop = await cluster.CreateAsync($"""
            CREATE TABLE orders (x int, picture bytea); ALTER TABLE orders ALTER COLUMN picture SET STORAGE PLAIN;
            INSERT INTO orders SELECT i, ({Picture(110)}) FROM generate_series(1, 1000) i;
            """);
        var rows = (long)(await shop.ScalarAsync("SELECT pg_table_size('orders')"))!;
        using var disk = SmallDisk.Mount((int)(rows / 2 / 1024) + kilobytes);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Backups.BackupAsync(disk.PathOf("backup.dump"), default));

        error.ErrorId.ShouldBe("BackupFailed");
        error.Message.ShouldContain(words);
        Directory.GetFiles(disk.Folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("CREATE TABLE orders (x int, picture bytea); INSERT INTO orders SELECT i, ({0}) FROM generate_series(1, 600) i")]
    [InlineData("SELECT lo_from_bytea(0, ({0})) FROM generate_series(1, 600) i")]
    public async Task What_lies_beside_its_table_and_large_objects_need_room_too(string sql)
    {
        await using var shop = await cluster.CreateAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, Picture(500)));
        // 600 of 8000 bytes are 4.6 MiB, of which half is the least that is needed.
        using var disk = SmallDisk.Mount(2000);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Backups.BackupAsync(disk.PathOf("backup.dump"), default));

        error.Message.ShouldMatch(@"2 MiB of 2 MiB of its disk are free, and about 2\.[2-9] MiB of 2 MiB are needed");
    }

    // Bytes that look like chance, sixteen times as many as hashes.
    private static string Picture(int hashes) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"SELECT decode(string_agg(md5((i * 1000 + j)::text), ''), 'hex') FROM generate_series(1, {hashes}) j");

    [Theory]
    [InlineData(2048, null)]
    [InlineData(1024, "1 KiB of 9.8 KiB of the server's disk are free, and about 2 KiB of 9.8 KiB are needed")]
    public void A_disk_has_room_or_it_is_told_what_it_has(long free, string? words) => DiskNeeds.Against(new FreeSpace(free, 10_000), 2048, "the server's disk").ShouldBe(words);

    [Fact]
    public void What_is_not_known_of_a_disk_is_not_held_against_it() => DiskNeeds.Against(null, 2000, "the server's disk").ShouldBeNull();

    [Fact]
    public async Task A_backup_is_of_one_moment_while_others_write()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id serial PRIMARY KEY, x text); INSERT INTO orders (x) SELECT 'a' FROM generate_series(1, 20000)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(shop, stop.Token);
        await shop.UntilAsync("SELECT count(*) > 20005 FROM orders");

        var taken = await backups.BackupAsync(file, default);
        await stop.CancelAsync();
        await writing;
        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        taken.Tables[0].Rows.ShouldBeGreaterThan(20005);
        ((long)(await shop.ScalarAsync("SELECT count(*) FROM orders"))!).ShouldBeGreaterThan(taken.Tables[0].Rows);
    }

    [Theory]
    [InlineData("6")]
    [InlineData("0")]
    public async Task A_dump_with_a_bit_turned_is_refused_or_does_not_compare(string compression)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int, x text); INSERT INTO orders SELECT i, md5(i::text) FROM generate_series(1, 3000) i");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        await DumpAsync(shop, file, compression);
        var whole = await File.ReadAllBytesAsync(file);
        var good = await Refusal(backups, file, taken);

        var missed = new List<int>();
        for (var i = 0; i < Flips; i++)
        {
            // Within the rows: what surrounds them, such as comments of the table of contents, holds bits that mean nothing.
            var at = (whole.Length / 3) + RandomNumberGenerator.GetInt32(whole.Length / 3);
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= (byte)(1 << (i % 8));
            await File.WriteAllBytesAsync(file, flipped);
            if (await Refusal(backups, file, taken) is null)
            {
                missed.Add(at);
            }
        }

        good.ShouldBeNull();
        missed.ShouldBeEmpty();
        (await ScratchAsync(shop)).ShouldBe(0L);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.6)]
    [InlineData(0.99)]
    public async Task A_dump_that_is_cut_off_is_refused(double part)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        await backups.BackupAsync(file, default);
        var whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole[..(int)(whole.Length * part)]);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupCorrupt");
        error.Message.ShouldContain("pg_restore: ");
        (await ScratchAsync(shop)).ShouldBe(0L);
    }

    [Fact]
    public async Task A_file_that_is_not_there_cannot_be_read_back()
    {
        await using var shop = await cluster.CreateAsync();

        (await Should.ThrowAsync<DeployOpsException>(shop.Open().Backups.ReadBackAsync(shop.PathOf("none.db"), default))).ErrorId.ShouldBe("BackupCorrupt");
    }

    [Fact]
    public async Task A_dump_of_another_moment_does_not_compare()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("UPDATE events SET what = 'y' WHERE at = '2026-01-02'");
        File.Delete(file);
        await backups.BackupAsync(file, default);

        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).Detail.ShouldBe("public.events_2026: 100 rows on both sides, contents differ");
    }

    [Fact]
    public async Task A_restore_replaces_everything_also_for_those_who_are_connected_and_keeps_what_goes_with_the_name()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        await shop.ExecuteAsync($"ALTER DATABASE {shop.Name} SET search_path = sales, public; ALTER DATABASE {shop.Name} SET work_mem = '5MB'; ALTER DATABASE {shop.Name} CONNECTION LIMIT 50; REVOKE ALL ON DATABASE {shop.Name} FROM PUBLIC");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("DROP VIEW paid; DELETE FROM events; CREATE TABLE later (x int)");
        await using var user = await shop.ConnectAsync();

        await backups.RestoreAsync(file, taken, default);
        await backups.RestoreAsync(file, taken, default);

        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
        await Should.ThrowAsync<NpgsqlException>(new NpgsqlCommand("SELECT 1", user).ExecuteScalarAsync());
        (await shop.ScalarAsync("SHOW search_path")).ShouldBe("sales, public");
        (await shop.ScalarAsync("SHOW work_mem")).ShouldBe("5MB");
        (await shop.ScalarAsync("SELECT datconnlimit FROM pg_database WHERE datname = current_database()")).ShouldBe(50);
        (await shop.ScalarAsync("SELECT datacl::text FROM pg_database WHERE datname = current_database()")).ShouldBe("{postgres=CTc/postgres}");
        (await ScratchAsync(shop)).ShouldBe(0L);
    }

    [Fact]
    public async Task A_database_that_was_dropped_is_restored()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        await cluster.ExecuteAsync($"DROP DATABASE {shop.Name} WITH (FORCE)");

        await backups.RestoreAsync(file, taken, default);

        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
    }

    [Fact]
    public async Task What_was_not_proven_is_not_put_in_the_live_databases_place()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("CREATE TABLE later (x int)");
        await using var user = await shop.ConnectAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken with { Schema = "another" }, default));

        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldContain("what was restored is not what was proven: the schema differs. It is as it was before.");
        (await shop.HasAsync("later")).ShouldBeTrue();
        (await new NpgsqlCommand("SELECT 1", user).ExecuteScalarAsync()).ShouldBe(1);
        (await ScratchAsync(shop)).ShouldBe(0L);
    }

    [Fact]
    public async Task What_a_killed_run_left_is_dropped_by_the_next_and_what_another_uses_is_not()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        await cluster.ExecuteAsync("CREATE DATABASE deployops_verify_0123456789ab");
        await cluster.ExecuteAsync("CREATE DATABASE deployops_verify_ba9876543210");
        await using var other = await shop.ConnectAsync();
        await new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended('deployops:deployops_verify_ba9876543210', 0))", other).ExecuteScalarAsync();
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        await backups.BackupAsync(file, default);

        await backups.ReadBackAsync(file, default);

        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname = 'deployops_verify_0123456789ab'")).ShouldBe(0L);
        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname = 'deployops_verify_ba9876543210'")).ShouldBe(1L);
        await cluster.ExecuteAsync("DROP DATABASE deployops_verify_ba9876543210");
    }

    [Fact]
    public async Task What_another_account_left_keeps_no_proof_from_being_made()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'app'; CREATE TABLE orders (x int); ALTER TABLE orders OWNER TO {role}");
        await cluster.ExecuteAsync("CREATE DATABASE deployops_verify_00000000abcd");
        var backups = shop.Open(connectionString: $"{shop.ConnectionString};Username={role};Password=app").Backups;
        var file = shop.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);

        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        (await shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname = 'deployops_verify_00000000abcd'")).ShouldBe(1L);
        await cluster.ExecuteAsync("DROP DATABASE deployops_verify_00000000abcd");
    }

    [Fact]
    public async Task A_cancelled_backup_leaves_no_file_and_a_cancelled_proof_no_scratch()
    {
        await using var shop = await cluster.CreateAsync(Shop + "INSERT INTO twins SELECT i FROM generate_series(1, 300000) i;");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        await using var holder = await shop.ConnectAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await new NpgsqlCommand("LOCK TABLE twins", holder).ExecuteNonQueryAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        await Should.ThrowAsync<OperationCanceledException>(backups.BackupAsync(file, stop.Token));
        await transaction.RollbackAsync();

        Directory.GetFiles(shop.Folder).ShouldBeEmpty();
        await backups.BackupAsync(file, default);
        using var early = new CancellationTokenSource();
        var reading = backups.ReadBackAsync(file, early.Token);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname LIKE 'deployops_verify_%')");
        await early.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);
        await shop.UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname LIKE 'deployops_verify_%')");
    }

    [Fact]
    public async Task The_password_is_in_no_command_line()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int)");
        await using var holder = await shop.ConnectAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        var backing = shop.Open().Backups.BackupAsync(shop.PathOf("backup.db"), default);
        await new NpgsqlCommand("LOCK TABLE orders", holder).ExecuteNonQueryAsync();

        var lines = Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(CommandLine).ToList();
        await transaction.RollbackAsync();
        await backing;

        lines.ShouldNotContain(line => line.Contains(cluster.Password, StringComparison.Ordinal));
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    // What a restore says, else how the copy differs; null where it does not.
    private static async Task<string?> Refusal(IBackupTarget backups, string file, DatabaseFingerprint taken)
    {
        try
        {
            var comparison = BackupComparison.Compare("backup", taken, await backups.ReadBackAsync(file, default));
            return comparison.Verdict == Gates.GateVerdict.Pass ? null : comparison.Detail;
        }
        catch (DeployOpsException e) when (e.ErrorId == "BackupCorrupt")
        {
            return e.Message;
        }
    }

    private async Task DumpAsync(PostgreSqlShop shop, string file, string compression)
    {
        var start = new System.Diagnostics.ProcessStartInfo("pg_dump", ["-Fc", "-Z", compression, "-f", file, "-h", "127.0.0.1", "-p", $"{cluster.Port}", "-U", "postgres", shop.Name]);
        start.Environment["PGPASSWORD"] = cluster.Password;
        using var process = System.Diagnostics.Process.Start(start)!;
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
    }

    private static async Task WriteAsync(PostgreSqlShop shop, CancellationToken token)
    {
        await using var connection = await shop.ConnectAsync();
        while (!token.IsCancellationRequested)
        {
            await new NpgsqlCommand("INSERT INTO orders (x) VALUES ('b')", connection).ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static Task<object?> ScratchAsync(PostgreSqlShop shop) =>
        shop.ScalarAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'deployops_%'");
}
