namespace Rcomm.Tests.Proxy;

/// <summary>What the tests of RequestForwarding share.</summary>
public abstract class ForwardingTestBase
{
    private protected const string Fine = "HTTP/1.1 200 ";
}
