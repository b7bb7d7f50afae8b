using System.Data.Common;
using System.Security.Cryptography;
using System.Text;

namespace DeployOps.Tests.Support;

/// <summary>
/// A release with something to do in every phase: probe, SQLite database with migrations and validations, blue-green rollout through a router,
/// a smoke file that posts, and a watch, against a <see cref="LoopbackShop"/>.
/// </summary>
internal sealed class ShopRelease : IDisposable
{
    /// <summary>The whole release in one line.</summary>
    public const string WholePipe = "Start-DeploymentWindow $Plan | Invoke-DbMigration | Invoke-Rollout | Test-Smoke | Watch-DeploymentHealth | Complete-DeploymentWindow";

    /// <summary>Flyway's table in a SQLite database.</summary>
    public const string FlywayTable = """
        CREATE TABLE flyway_schema_history (
            installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INT,
            installed_by VARCHAR(100) NOT NULL, installed_on TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), execution_time INT NOT NULL, success BOOLEAN NOT NULL);
        """;

    // So many rows that no migration comes to their end.
    private const long Endless = 1_000_000_000_000;

    /// <summary>Writes the plan and its files, opens the shop and brings the database to 2.3.0.1.</summary>
    public ShopRelease(EngineHost engine)
    {
        Engine = engine;
        Plans = new PlanFolder(PlanText);
        Shop = new LoopbackShop(Plans.Write("edge.json", "{}"));
        File.WriteAllText(Plans.Plan, File.ReadAllText(Plans.Plan).Replace("EDGE", Shop.UriOf("edge"), StringComparison.Ordinal).Replace("BLUE", Shop.UriOf("blue-1"), StringComparison.Ordinal).Replace("GREEN", Shop.UriOf("green-1"), StringComparison.Ordinal));
        Plans.Write("deploy.ps1", DeployScript.Replace("EDGE", Shop.UriOf("edge"), StringComparison.Ordinal));
        Plans.Write("smoke/checkout.hurl", "GET {{host}}/version\nHTTP 200\n\nPOST {{host}}/checkout\n{ \"product\": 3 }\nHTTP 201\n");
        foreach (var folder in new[] { "run", "hold" })
        {
            Directory.CreateDirectory(Plans.PathOf(folder));
        }

        Migrate();
    }

    public EngineHost Engine { get; }

    public PlanFolder Plans { get; }

    public LoopbackShop Shop { get; }

    /// <summary>The environment's folder in the home.</summary>
    public string Environment => Path.Combine(Engine.Home, "shop", "production");

    /// <summary>The log of the first window, as it is now.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            var path = Path.Combine(Environment, "windows", "shop-2.4.0-1", "journal.jsonl");
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
    }

    /// <summary>Runs a script that knows the plan as $Plan and one more thing as $Subject.</summary>
    public EngineResult Run(string script, object? subject = null) => Engine.Invoke($"param($Plan, $Subject) {script}", ("Plan", Plans.Plan), ("Subject", subject));

    /// <summary>Has the deploy script wait when it is to make an instance run a version, until <see cref="LetDeploy"/>.</summary>
    public void HoldDeploy(string instance, string version) => File.WriteAllText(Plans.PathOf($"hold/{instance}-{version}"), "");

    public void LetDeploy(string instance, string version) => File.Delete(Plans.PathOf($"hold/{instance}-{version}"));

    /// <summary>Ends when the deploy script is at work on that.</summary>
    public Task DeployingAsync(string instance, string version) => Patience.UntilAsync(() => File.Exists(Plans.PathOf($"run/{instance}-{version}")), $"the script for {instance} {version}");

    /// <summary>Ends when a line of the log holds all of these words.</summary>
    public Task LoggedAsync(params string[] words) => Patience.UntilAsync(() => Log.Any(line => words.All(word => line.Contains(word, StringComparison.Ordinal))), string.Join(' ', words));

    /// <summary>Leaves the rehearsal on the restored backup out of the plan, which is approved anew.</summary>
    public void WithoutRehearsal()
    {
        File.WriteAllText(Plans.Plan, File.ReadAllText(Plans.Plan).Replace("Migrations = 'migrations';", "Migrations = 'migrations'; Rehearsal = 'None';", StringComparison.Ordinal));
        Plans.Approve(Engine);
    }

    /// <summary>Makes the second migration one that takes for ever, or a moment.</summary>
    public void SlowDatabase(bool slow) => Execute("shop.db", $"UPDATE patience SET rows = {(slow ? Endless : 10)}");

    /// <summary>Runs SQL on a database of the plan's folder, which is made where it is missing.</summary>
    public void Execute(string file, string sql)
    {
        var type = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType("Microsoft.Data.Sqlite.SqliteConnection")).First(type => type is not null)!;
        using var connection = (DbConnection)Activator.CreateInstance(type, $"Data Source={Plans.PathOf(file)};Pooling=False")!;
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>One hash over every file of the plan's folder, database included, the home, what the instances run and what the edge routes by.</summary>
    public string Fingerprint()
    {
        var state = $"{Plans.Fingerprint(Engine.Home)} {Shop.VersionOf("blue-1")} {Shop.VersionOf("green-1")} {Shop.State()}";
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(state)));
    }

    /// <summary>Nothing of the product is at work any more, and the environment is free.</summary>
    public void ShouldHaveLeftNothingBehind()
    {
        WorkInFlight.Now().ShouldBeEmpty();
        foreach (var file in Directory.EnumerateFiles(Environment, "environment*.lock"))
        {
            // Whoever holds it keeps everybody else out.
            using var free = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
    }

    public void Dispose()
    {
        Shop.Dispose();
        Plans.Dispose();
    }

    private const string PlanText = """
        Health = @{ Probes = @( @{ Name = 'edge'; Uri = 'EDGE/healthz'; Consecutive = 2; Interval = '00:00:00.1' } ) }
        Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db'; Migrations = 'migrations'; Validations = 'validations' } )
        Rollout = @{ Strategy = 'BlueGreen'; Deploy = 'deploy.ps1'; DrainTimeout = '00:00:10'; Consecutive = 2; Soak = '00:00:00'
                     Router = @{ Kind = 'Yarp'; Path = 'edge.json'; Cluster = 'shop'; Uri = 'EDGE' }
                     Instances = @( @{ Name = 'blue-1'; Pool = 'blue'; Uri = 'BLUE' }
                                    @{ Name = 'green-1'; Pool = 'green'; Uri = 'GREEN' } )
                     Health = '/healthz'; Version = '/version' }
        Smoke = @( 'smoke/*.hurl' )
        Monitoring = @{ Duration = '00:00:01'; Interval = '00:00:00.2'; Baseline = '00:00:00.3'; Looks = 2
                        Metrics = @( @{ Name = '5xx ratio'; Kind = 'Scrape'; Uri = 'EDGE/_edge/metrics'; Measure = 'Ratio'
                                        Numerator = 'http_requests_total{code=~"5.."}'; Denominator = 'http_requests_total'; Limit = 0.5; MinimumCount = 1 } ) }
        """;

    private const string DeployScript = """
        param($Instance, [string]$Version, $Window)
        $name = "$($Instance.Name)"
        [System.IO.File]::WriteAllText("$PSScriptRoot/run/$name-$Version", '')
        while ([System.IO.File]::Exists("$PSScriptRoot/hold/$name-$Version")) { [System.Threading.Thread]::Sleep(10) }
        $client = [System.Net.Http.HttpClient]::new()
        try { [void]$client.PostAsync("EDGE/_control/$name/$Version", $null).GetAwaiter().GetResult().EnsureSuccessStatusCode() } finally { $client.Dispose() }
        """;

    // An empty file is an empty database.
    private void Migrate()
    {
        Plans.Write("shop.db", "");
        Plans.Write("migrations/V2_3_0_1__create_orders.sql", """
            CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL);
            INSERT INTO orders (total) VALUES (401), (802), (1203);
            CREATE TABLE patience (rows INTEGER NOT NULL);
            INSERT INTO patience VALUES (10);
            """);
        Run($"Invoke-DbMigration -Kind Sqlite -ConnectionString 'Data Source={Plans.PathOf("shop.db")}' -Path '{Plans.PathOf("migrations")}'").Clean();
        Plans.Write("migrations/V2_4_0_1__add_status.sql", "ALTER TABLE orders ADD COLUMN status TEXT NOT NULL DEFAULT 'placed';\n");
        Plans.Write("migrations/U2_4_0_1__add_status.sql", "ALTER TABLE orders DROP COLUMN status;\n");
        Plans.Write("migrations/V2_4_0_2__count_to_patience.sql", """
            CREATE TABLE counted (rows INTEGER NOT NULL);
            INSERT INTO counted WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT rows FROM patience)) SELECT count(*) FROM n;
            """);
        Plans.Write("migrations/U2_4_0_2__count_to_patience.sql", "DROP TABLE counted;\n");
        Plans.Write("validations/orders.sql", """
            -- verify: every order has a status
            -- expect: no rows
            SELECT id FROM orders WHERE status IS NULL;

            -- verify: the orders are all there
            -- expect: 3
            SELECT count(*) FROM orders;
            """);
    }
}
