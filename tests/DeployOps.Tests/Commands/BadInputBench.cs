using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>A plan of its own environment, and what a wrong input needs around it.</summary>
internal sealed class BadInputBench(EngineHost engine, int number) : IDisposable
{
    private readonly PlanFolder _plans = new();
    private SmallShop? _shop;

    public EngineHost Engine => engine;

    public string Plan => _plans.Plan;

    /// <summary>The shop of the plan, started at first use.</summary>
    public SmallShop Shop => _shop ??= new SmallShop(PathOf("."));

    public string Environment => $"bench-{number}";

    public string PathOf(string name) => Path.GetFullPath(_plans.PathOf(name));

    public string Write(string name, string text) => _plans.Write(name, text);

    /// <summary>Writes the plan with further lines, or another text.</summary>
    public BadInputBench With(string more = "", string? environment = null)
    {
        Write("plan.psd1", $$"""
            @{
                Service = 'shop'; Environment = '{{environment ?? Environment}}'; Release = '2.4.0'
                Team = @{ Monitor = 'observer' }
                {{more}}
            }
            """);
        return this;
    }

    /// <summary>Writes a plan with one database.</summary>
    public BadInputBench WithDatabase(string connection, string more = "Migrations = 'migrations'")
    {
        Write("migrations/V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        return With($"Databases = @( @{{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = '{connection}'; {more} }} )");
    }

    public BadInputBench Approve(string by = "lead")
    {
        _plans.Approve(engine, by);
        return this;
    }

    /// <summary>Has the approval be over.</summary>
    public BadInputBench Expire()
    {
        _plans.Expire();
        return this;
    }

    /// <summary>Changes the approval's file.</summary>
    public BadInputBench Edit(Func<string, string> change)
    {
        var path = Plan + ".approval.json";
        File.WriteAllText(path, change(File.ReadAllText(path)));
        return this;
    }

    public EngineResult Test(string? path = null) => engine.Invoke("param($Plan) $null = Test-DeploymentPlan $Plan", ("Plan", path ?? Plan));

    public EngineResult Start(string options = "") => engine.Invoke($"param($Plan) Start-DeploymentWindow $Plan {options}", ("Plan", Plan));

    /// <summary>Opens the window and pipes it on.</summary>
    public EngineResult OpenAnd(string rest, Action<string>? meanwhile = null)
    {
        var window = Approve().Start().Clean().Single;
        meanwhile?.Invoke((string)window.Properties["Folder"].Value);
        return engine.Invoke($"param($Window) $Window | {rest}", ("Window", window));
    }

    public void Dispose()
    {
        _shop?.Dispose();
        _plans.Dispose();
    }
}
