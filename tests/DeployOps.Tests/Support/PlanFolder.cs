using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace DeployOps.Tests.Support;

/// <summary>A folder with the smallest plan there is: a service, where it goes, its release and who looks.</summary>
internal sealed class PlanFolder : IDisposable
{
    private const string CallerVariable = "SUDO_USER";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("deployops-plan-");
    private readonly string? _callerBefore = Environment.GetEnvironmentVariable(CallerVariable);

    /// <summary>Writes the plan.</summary>
    /// <param name="more">Further lines of the plan.</param>
    public PlanFolder(string more = "")
    {
        Plan = Write("plan.psd1", $$"""
            @{
                Service = 'shop'; Environment = 'production'; Release = '2.4.0'
                Team = @{ Monitor = 'observer' }
                {{more}}
            }
            """);
        Environment.SetEnvironmentVariable(CallerVariable, "executor");
    }

    /// <summary>The plan file.</summary>
    public string Plan { get; }

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Has the plan approved by another person than who starts it.</summary>
    public void Approve(EngineHost engine, string by = "lead")
    {
        Environment.SetEnvironmentVariable(CallerVariable, by);
        try
        {
            engine.Invoke("param($Plan) Approve-DeploymentPlan $Plan", ("Plan", Plan)).Clean();
        }
        finally
        {
            Environment.SetEnvironmentVariable(CallerVariable, "executor");
        }
    }

    /// <summary>Has the approval been over since the moment it was given.</summary>
    public void Expire()
    {
        var file = Plan + ".approval.json";
        var approval = JsonNode.Parse(File.ReadAllText(file))!;
        approval["expires"] = approval["at"]!.DeepClone();
        File.WriteAllText(file, approval.ToJsonString());
    }

    /// <summary>Approves the plan and opens its window.</summary>
    public object Open(EngineHost engine)
    {
        Approve(engine);
        return engine.Invoke("param($Plan) Start-DeploymentWindow $Plan", ("Plan", Plan)).Clean().Single;
    }

    /// <summary>One hash over the names and bytes of everything below folders.</summary>
    /// <remarks>What was refused leaves a line in the operations log, which decides nothing; tests of that log are its own.</remarks>
    public string Fingerprint(params string[] others)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var root in others.Prepend(_folder.FullName))
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Where(entry => !IsOperations(entry)).Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(entry));
                if (File.Exists(entry))
                {
                    hash.AppendData(File.ReadAllBytes(entry));
                }
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(CallerVariable, _callerBefore);
        _folder.Delete(recursive: true);
    }

    private static bool IsOperations(string path) => Path.GetFileName(path).StartsWith("operations", StringComparison.Ordinal);
}
