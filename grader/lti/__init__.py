"""LTI 1.3 Advantage, the tool's side: pure functions and small clients, no web framework.

A. Every rule cites where it comes from: *Core* is LTI 1.3 Core, *Security* the 1EdTech Security
   Framework 1.0, *DL* Deep Linking 2.0, *AGS* Assignment and Grade Services 2.0, *NRPS* Names and
   Role Provisioning Services 2.0, *DR* Dynamic Registration 1.0, *Storage* the Platform Storage
   messages of LTI Client Side postMessages 1.0.
B. RS256 only. An algorithm is never chosen by what a token says about itself.
C. Nothing here remembers: whoever calls keeps logins, nonces, keys and scores, and consumes a
   login exactly once *before* a launch is believed.
D. Every request that goes out has a time-out, a size limit, and follows no redirect.
"""
