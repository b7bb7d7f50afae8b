using DeployOps.Notices;

namespace DeployOps.Core.Tests.Support;

/// <summary>Keeps the notices it takes; takes none while it is dead.</summary>
internal sealed class FakeChannel : INoticeChannel
{
    public List<Notice> Taken { get; } = [];

    /// <summary>How often it was asked to take one.</summary>
    public int Asked { get; private set; }

    public bool IsDead { get; set; }

    /// <summary>Thrown in place of taking a notice; null takes it.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Whom a notice that is taken does not reach.</summary>
    public string? Missed { get; set; }

    /// <summary>Which notices meet the fault; all where a test says nothing.</summary>
    public Func<Notice, bool> Faults { get; set; } = _ => true;

    public Task<string?> SendAsync(Notice notice, CancellationToken cancellationToken)
    {
        Asked++;
        if (IsDead)
        {
            throw new DeployOpsException("NoticeNotTaken", FaultKind.Timeout, "hooks.example.org does not answer: connection refused.", "See that it can be reached from here.");
        }

        if (Fault is not null && Faults(notice))
        {
            throw Fault;
        }

        Taken.Add(notice);
        return Task.FromResult(Missed);
    }
}
