using DeployOps.Secrets;
using DeployOps.Windows.Homes;

namespace DeployOps.Plans;

/// <summary>A folder with everything the whole plan names, gone after the test.</summary>
public sealed class PlanFolder : IDisposable
{
    public const string Whole =
        """
        @{
            Service = 'shop'; Environment = 'production'; Release = '2.4.0'; Runbook = 'release.ps1'
            Team    = @{ Lead = 'release-lead'; Monitor = 'observer' }
            Window  = @{ Duration = '02:00:00' }
            Health  = @{ Probes = @( @{ Name = 'edge'; Uri = 'http://127.0.0.1:8080/healthz'; Consecutive = 3 } ) }
            Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=state/shop.db'
                              Migrations = 'migrations'; Validations = 'validations' } )
            Rollout = @{ Strategy = 'BlueGreen'; Deploy = 'deploy-instance.ps1'; DrainTimeout = '00:00:30'
                         Router = @{ Kind = 'Yarp'; Path = 'state/edge.json'; Cluster = 'shop'; Uri = 'http://127.0.0.1:8080' }
                         Instances = @( @{ Name = 'blue-1'; Pool = 'blue'; Uri = 'http://127.0.0.1:8101' }
                                        @{ Name = 'green-1'; Pool = 'green'; Uri = 'http://127.0.0.1:8102' } )
                         Health = '/healthz'; Version = '/version' }
            Smoke   = @( 'smoke/*.hurl' )
            Monitoring = @{ Duration = '01:00:00'; Interval = '00:01:00'; Baseline = '00:10:00'
                            Metrics = @( @{ Name = '5xx ratio'; Kind = 'Scrape'; Uri = 'http://127.0.0.1:8080/metrics'
                                            Measure = 'Ratio'; Numerator = 'failed'; Denominator = 'all' } ) }
            Rollback = @{ When = 'Automatic'; Database = 'Keep' }
            Files   = @( 'settings/*.json' )
        }
        """;

    public const string Small = "@{ Service = 'shop'; Environment = 'test'; Release = '1' }";

    private readonly Dictionary<string, string> environment = [];

    public PlanFolder()
    {
        Folder = Directory.CreateTempSubdirectory("deployops-plan-").FullName;
        foreach (var name in (string[])[
            "release.ps1", "deploy-instance.ps1", "migrations/V1__a.sql", "migrations/U1__a.sql", "migrations/readme.txt", "validations/orders.sql",
            "state/edge.json", "smoke/b.hurl", "smoke/a.hurl", "settings/one.json"])
        {
            Write(name, $"content of {name}");
        }
    }

    public string Folder { get; }

    public string PlanPath => Path.Combine(Folder, "plan.psd1");

    public Redactor Redactor { get; } = new();

    public void Set(string variable, string value) => environment[variable] = value;

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public PlanReading Read(string plan, Func<string, string?>? vault = null)
    {
        Write("plan.psd1", plan);
        return new PlanReader(new SmallSyntax(), new SecretSource(environment.GetValueOrDefault, vault), Redactor, () => new DeploymentHome("/srv/acme/home")).Read(PlanPath);
    }

    public IReadOnlyList<string> Errors(string plan) => [.. Read(plan).Errors.Select(error => error.ToString())];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
