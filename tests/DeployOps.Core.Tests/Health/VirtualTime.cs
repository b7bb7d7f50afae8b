using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Health;

/// <summary>Runs asynchronous work on a fake clock, on one thread, so that every moment is exact.</summary>
internal static class VirtualTime
{
    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static FakeTimeProvider Clock() => new(Start);

    /// <summary>Advances the clock until the work is done, at most for two hours of its time.</summary>
    public static T Run<T>(FakeTimeProvider clock, TimeSpan step, Func<Task<T>> work)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var task = work();
            for (var waited = TimeSpan.Zero; !task.IsCompleted; waited += step)
            {
                waited.ShouldBeLessThan(TimeSpan.FromHours(2), "the work did not end within its time");
                clock.Advance(step);
            }

            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public static T Run<T>(FakeTimeProvider clock, Func<Task<T>> work) => Run(clock, TimeSpan.FromMilliseconds(10), work);
}
