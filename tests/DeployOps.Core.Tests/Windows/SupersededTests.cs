using DeployOps.Windows;

namespace DeployOps.Core.Tests.Windows;

public sealed class SupersededTests
{
    [Theory]
    [InlineData("the disk is missing")]
    [InlineData("the disk is missing.")]
    public void A_reason_ends_with_one_full_stop_however_it_was_typed(string reason) =>
        new SupersededException(new StopRequest("observer", reason, GoBack: false)).Message
            .ShouldBe("observer asked the window to stop: the disk is missing. This run gave way and did nothing further.");
}
