#pragma warning disable
namespace DeployOps.Plans {
public sealed record PlanFile(string Path,string Sha256, ReadOnlyMemory<byte> Content);
public sealed class PlanFiles { public string Digest=""; public IReadOnlyList<PlanFile> Entries=[]; public string Text(string p)=>""; public IReadOnlyList<DeployOps.Migrations.SqlFile> SqlIn(string f)=>[]; public static PlanFiles Read(PlanReading r)=>null!; public static PlanFiles FromKept(string p, Dictionary<string,byte[]> k)=>null!; public static List<string> Differences(PlanFiles a, PlanFiles b)=>[]; }
public static class X { public static PlanReading ReadKept(this PlanReader r, PlanFiles f)=>null!; }
public record PlanApproval(string ApprovedBy, DateTimeOffset At);
public static class ApprovalFile { public static PlanApproval? Read(string p)=>null; }
public record PlanDeviation(string Id,string Message) { public DeployOpsException ToException()=>null!; }
public static class ApprovalCheck { public static List<PlanDeviation> Check(DeploymentPlan p, PlanFiles f, PlanApproval? a, DateTimeOffset n, string e)=>[]; }
public sealed record OperatorIdentity(string Name) { public static OperatorIdentity Current()=>null!; }
}
