using CsCheck;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Plans.Approvals;

public sealed class ApprovalPropertyTests : IDisposable
{
    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", "\"", ":", ",", "null", "7", "-1", "1e99", "true", "\"x\"", "\"\\ud83d\"", "\"format\": 1,", "\"path\": \"../../etc/passwd\"", "\"files\": null,", "\"expires\": \"9999-12-31T23:59:59Z\",", "\0", "é", "//", new string('[', 80),
    ];

    private readonly PlanFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void However_an_approval_is_changed_it_is_read_with_its_own_files_or_refused_with_a_typed_error()
    {
        var reading = folder.Read(PlanFolder.Whole);
        var approval = PlanApproval.Approve(reading.Require(), PlanFiles.Capture(reading), new OperatorIdentity("release-lead", "desk"), new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));
        var path = ApprovalFile.Write(folder.PlanPath, approval);
        var whole = File.ReadAllText(path);
        var change = Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, 30], Gen.Int[0, Tokens.Length - 1]);
        var (read, refused) = (0, 0);

        Property.Holds(change.Array[1, 3], changes =>
        {
            var text = whole;
            foreach (var (at, removed, token) in changes)
            {
                var from = Math.Min(at, text.Length);
                text = text.Remove(from, Math.Min(removed, text.Length - from)).Insert(from, Tokens[token]);
            }

            File.WriteAllText(path, text);
            try
            {
                var changed = ApprovalFile.Read(folder.PlanPath);
                read++;
                return changed is not null && PlanDigest.Of(changed.Files.Select(file => (file.Path, file.Sha256))) == changed.Digest && changed.ApprovedBy.Length > 0;
            }
            catch (DeployOpsException e) when (e.ErrorId == "ApprovalUnreadable")
            {
                refused++;
                return true;
            }
        });

        refused.ShouldBeGreaterThan(1000);
        read.ShouldBeGreaterThan(0, "a change within a name is a change of nothing that was agreed");
    }
}
